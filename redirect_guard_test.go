package gamelift_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync/atomic"
	"testing"

	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/stretchr/testify/require"

	"github.com/gamelift-compute/gamelift"
)

// followingTransport is a transport that follows redirects by itself, as some
// that retry do.
type followingTransport struct{ client *http.Client }

func (f followingTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	sent := r.Clone(r.Context())
	sent.RequestURI = ""
	return f.client.Do(sent)
}

// redirectingService starts a service that redirects to another host. tokens
// counts the session tokens that the other host gets.
func redirectingService(t *testing.T, status int) (service *httptest.Server, tokens *atomic.Int64) {
	t.Helper()
	tokens = new(atomic.Int64)
	other := protocolServer(t, "", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Amz-Security-Token") != "" {
			tokens.Add(1)
		}
		_, _ = io.WriteString(w, okBody)
	})
	return protocolServer(t, "", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, other.URL, status) }), tokens
}

func TestRedirectOfATransport(t *testing.T) {
	t.Parallel()
	for _, status := range []int{302, 307} {
		service, tokens := redirectingService(t, status)
		client := service.Client()
		defer client.CloseIdleConnections()
		for _, httpClient := range []gamelift.HTTPClient{
			&http.Client{Transport: followingTransport{client}},
			&http.Client{Transport: followingTransport{client}, Timeout: 1 << 40},
		} {
			_, err := gamelift.New(gamelift.Options{
				Region: "us-west-2", Credentials: testCredentials(), BaseEndpoint: &service.URL, HTTPClient: httpClient,
			}).GetComputeAuthToken(t.Context(), authTokenInput())
			require.ErrorContains(t, err, "redirect")
		}
		require.Zero(t, tokens.Load(), "%d", status)
	}
}

// Behind a proxy, all connections are to the proxy.
func TestRedirectBehindAProxy(t *testing.T) {
	t.Parallel()
	service, tokens := redirectingService(t, 302)
	proxy := protocolServer(t, "", func(w http.ResponseWriter, r *http.Request) {
		r.RequestURI = ""
		resp, err := http.DefaultTransport.RoundTrip(r)
		if err != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		defer resp.Body.Close()
		for name, values := range resp.Header {
			w.Header()[name] = values
		}
		w.WriteHeader(resp.StatusCode)
		_, _ = io.Copy(w, resp.Body)
	})
	proxyURL, err := url.Parse(proxy.URL)
	require.NoError(t, err)
	transport := &http.Transport{Proxy: http.ProxyURL(proxyURL)}
	defer transport.CloseIdleConnections()
	follower := &http.Client{Transport: transport}
	_, err = gamelift.New(gamelift.Options{
		Region: "us-west-2", Credentials: testCredentials(), BaseEndpoint: &service.URL, HTTPClient: smithyhttp.ClientDoFunc(follower.Do),
	}).GetComputeAuthToken(t.Context(), authTokenInput())
	require.ErrorContains(t, err, "redirect")
	require.Zero(t, tokens.Load())
}

// A dialer that makes a request of its own, such as DNS over HTTPS, uses the
// context of the call for it. That is no redirect.
func TestDialerThatMakesARequest(t *testing.T) {
	t.Parallel()
	resolver := protocolServer(t, "", func(http.ResponseWriter, *http.Request) {})
	options := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, okBody) })
	transport := &http.Transport{DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, resolver.URL, nil)
		if err != nil {
			return nil, err
		}
		resp, err := resolver.Client().Do(request)
		if err != nil {
			return nil, err
		}
		_ = resp.Body.Close()
		return new(net.Dialer).DialContext(ctx, network, address)
	}}
	defer transport.CloseIdleConnections()
	for _, client := range []gamelift.HTTPClient{&http.Client{Transport: transport}, smithyhttp.ClientDoFunc((&http.Client{Transport: transport}).Do)} {
		transport.CloseIdleConnections()
		options.HTTPClient = client
		_, err := gamelift.New(options).GetComputeAuthToken(t.Context(), authTokenInput())
		require.NoError(t, err)
	}
}

// A transport may have a reason to send the request to another host.
func TestTransportThatRewritesTheHost(t *testing.T) {
	t.Parallel()
	service := protocolServer(t, "", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, okBody) })
	to, err := url.Parse(service.URL)
	require.NoError(t, err)
	_, err = gamelift.New(gamelift.Options{
		Region: "us-west-2", Credentials: testCredentials(), HTTPClient: &http.Client{Transport: rewriting{to, service.Client().Transport}},
	}).GetComputeAuthToken(t.Context(), authTokenInput())
	require.NoError(t, err)
}

type rewriting struct {
	to *url.URL
	http.RoundTripper
}

func (w rewriting) RoundTrip(r *http.Request) (*http.Response, error) {
	sent := r.Clone(r.Context())
	sent.URL.Scheme, sent.URL.Host = w.to.Scheme, w.to.Host
	return w.RoundTripper.RoundTrip(sent)
}
