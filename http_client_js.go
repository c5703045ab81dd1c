package gamelift

import "net/http"

// newHTTPClient makes the client for Options without an HTTPClient. On js/wasm,
// net/http sends requests with the browser's fetch, unless the transport has a
// DialContext.
func newHTTPClient() *http.Client {
	return &http.Client{Transport: &http.Transport{}}
}
