package gamelift_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/stretchr/testify/require"

	"github.com/gamelift-compute/gamelift"
)

// callThrough makes a call through a client that follows redirects.
func callThrough(t *testing.T, url string, follower *http.Client) error {
	t.Helper()
	_, err := gamelift.New(gamelift.Options{
		Region: "us-west-2", Credentials: testCredentials(), BaseEndpoint: &url, HTTPClient: smithyhttp.ClientDoFunc(follower.Do),
	}).GetComputeAuthToken(t.Context(), authTokenInput())
	return err
}

// connect leaves an idle connection to the host of the URL.
func connect(t *testing.T, client *http.Client, url string) {
	t.Helper()
	resp, err := client.Get(url)
	require.NoError(t, err)
	_, _ = io.Copy(io.Discard, resp.Body)
	_ = resp.Body.Close()
}

// redirecting is an HTTPClient of a caller's own that follows a 307 like
// aws-sdk-go-v2's does.
type redirecting struct{ http.Client }

func TestRedirectsAreNotFollowedByOtherHTTPClients(t *testing.T) {
	t.Parallel()
	elsewhere := 0
	target := serve(t, func(http.ResponseWriter, *http.Request) { elsewhere++ })
	for _, code := range []int{307, 308} {
		options := serve(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, *target.BaseEndpoint, code) })
		options.HTTPClient = &redirecting{}
		_, err := gamelift.New(options).GetComputeAuthToken(t.Context(), authTokenInput())
		require.Equal(t, "OperationError ResponseError GenericAPIError", chain(err))
	}
	require.Zero(t, elsewhere)
}

// protocolServer starts a server that speaks HTTP/1.1, HTTP/1.1 with TLS ("TLS")
// or HTTP/2 ("h2").
func protocolServer(t *testing.T, protocol string, handler http.HandlerFunc) *httptest.Server {
	t.Helper()
	server := httptest.NewUnstartedServer(handler)
	server.EnableHTTP2 = protocol == "h2"
	if protocol == "" {
		server.Start()
	} else {
		server.StartTLS()
	}
	t.Cleanup(server.Close)
	return server
}

// The other host of a redirect must not see the session token, whatever the
// status and the protocol, and also if there is an idle connection to it.
func TestRedirectToAnotherHostFails(t *testing.T) {
	t.Parallel()
	for _, protocol := range []string{"", "TLS", "h2"} {
		for _, connected := range []bool{false, true} {
			for _, status := range []int{301, 302, 303, 307, 308} {
				t.Run(fmt.Sprintf("%s/connected=%t/%d", protocol, connected, status), func(t *testing.T) {
					t.Parallel()
					var mu sync.Mutex
					var leaked []http.Header
					other := protocolServer(t, protocol, func(w http.ResponseWriter, r *http.Request) {
						mu.Lock()
						defer mu.Unlock()
						if r.URL.Path != "/warm" {
							leaked = append(leaked, r.Header)
						}
						_, _ = io.WriteString(w, okBody)
					})
					service := protocolServer(t, protocol, func(w http.ResponseWriter, r *http.Request) {
						http.Redirect(w, r, other.URL+"/elsewhere", status)
					})
					follower := &http.Client{Transport: service.Client().Transport} // the certificates are the same
					defer follower.CloseIdleConnections()
					if connected {
						connect(t, follower, other.URL+"/warm")
					}
					err := callThrough(t, service.URL, follower)
					require.Error(t, err)
					require.ErrorContains(t, err, "redirect")
					requireNoSecret(t, err.Error())
					mu.Lock()
					defer mu.Unlock()
					for _, header := range leaked {
						require.Empty(t, header.Get("X-Amz-Security-Token"))
					}
					require.Empty(t, leaked)
				})
			}
		}
	}
}

// A proxy makes no difference, although all connections are then to the proxy.
func TestRedirectThroughAProxyFails(t *testing.T) {
	t.Parallel()
	for _, protocol := range []string{"", "TLS", "h2"} {
		for _, connected := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/connected=%t", protocol, connected), func(t *testing.T) {
				t.Parallel()
				var tokens, proxied atomic.Int32
				other := protocolServer(t, protocol, func(w http.ResponseWriter, r *http.Request) {
					if r.Header.Get("X-Amz-Security-Token") != "" {
						tokens.Add(1)
					}
					_, _ = io.WriteString(w, okBody)
				})
				service := protocolServer(t, protocol, func(w http.ResponseWriter, r *http.Request) {
					http.Redirect(w, r, other.URL, http.StatusFound)
				})
				proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					proxied.Add(1)
					if r.Method == http.MethodConnect {
						tunnel(w, r)
						return
					}
					r.RequestURI = ""
					resp, err := http.DefaultTransport.RoundTrip(r)
					if err != nil {
						w.WriteHeader(502)
						return
					}
					defer resp.Body.Close()
					w.Header().Set("Location", resp.Header.Get("Location"))
					w.WriteHeader(resp.StatusCode)
					_, _ = io.Copy(w, resp.Body)
				}))
				defer proxy.Close()
				transport := service.Client().Transport.(*http.Transport).Clone() // the certificates are the same
				transport.Proxy = func(*http.Request) (*url.URL, error) { return url.Parse(proxy.URL) }
				follower := &http.Client{Transport: transport}
				defer follower.CloseIdleConnections()
				if connected {
					connect(t, follower, other.URL)
				}
				err := callThrough(t, service.URL, follower)
				require.ErrorContains(t, err, "redirect")
				require.Zero(t, tokens.Load())
				require.Positive(t, proxied.Load())
			})
		}
	}
}

// tunnel connects the client of a proxy to the server that it asked for.
func tunnel(w http.ResponseWriter, r *http.Request) {
	server, err := net.Dial("tcp", r.Host)
	if err != nil {
		w.WriteHeader(502)
		return
	}
	defer server.Close()
	client, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		return
	}
	defer client.Close()
	_, _ = io.WriteString(client, "HTTP/1.1 200 OK\r\n\r\n")
	go func() {
		_, _ = io.Copy(server, client)
		_ = server.Close()
	}()
	_, _ = io.Copy(client, server)
}

// An HTTPClient that sends a request of its own to another host cannot be
// stopped, but its response is not returned as the service's.
func TestRedirectOfARequestThatWasCopied(t *testing.T) {
	t.Parallel()
	for name, follow := range map[string]func(first *http.Response, r *http.Request) (*http.Response, error){
		"another host": func(_ *http.Response, r *http.Request) (*http.Response, error) {
			resp := response(200, okBody)
			resp.Request = httptest.NewRequest(http.MethodPost, "https://elsewhere.example/", nil)
			return resp, nil
		},
		"the same host": func(first *http.Response, r *http.Request) (*http.Response, error) {
			resp := response(200, okBody)
			resp.Request = r.Clone(r.Context())
			resp.Request.Response = first
			return resp, nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			body := &trackedBody{Reader: strings.NewReader(okBody)}
			_, err := gamelift.New(answering(func(r *http.Request) (*http.Response, error) {
				resp, err := follow(response(http.StatusFound, ""), r)
				resp.Body = body
				return resp, err
			})).GetComputeAuthToken(t.Context(), authTokenInput())
			require.ErrorContains(t, err, "redirect")
			require.NotZero(t, body.closed)
		})
	}
}

func TestRedirectToTheSameHostFails(t *testing.T) {
	t.Parallel()
	for _, status := range []int{301, 302, 303, 307, 308} {
		var requests atomic.Int32
		options := serve(t, func(w http.ResponseWriter, r *http.Request) {
			requests.Add(1)
			if r.URL.Path == "/" {
				http.Redirect(w, r, "/elsewhere", status)
				return
			}
			_, _ = io.WriteString(w, okBody)
		})
		follower := &http.Client{}
		options.HTTPClient = smithyhttp.ClientDoFunc(follower.Do)
		_, err := gamelift.New(options).GetComputeAuthToken(t.Context(), authTokenInput())
		follower.CloseIdleConnections()
		require.ErrorContains(t, err, "redirect")
		if status < 307 { // without GetBody, net/http returns a 307 or 308
			require.EqualValues(t, 2, requests.Load(), "it is not retried")
		} else {
			require.EqualValues(t, 1, requests.Load())
		}
	}
}

// A client that sends a request twice to the endpoint, as some do after a 503,
// has not followed a redirect.
func TestHTTPClientThatRetriesIsNotRedirected(t *testing.T) {
	t.Parallel()
	var requests atomic.Int32
	options := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		if requests.Add(1) == 1 {
			w.WriteHeader(503)
			return
		}
		_, _ = io.WriteString(w, okBody)
	})
	inner := &http.Client{}
	defer inner.CloseIdleConnections()
	options.HTTPClient = smithyhttp.ClientDoFunc(func(r *http.Request) (*http.Response, error) {
		resp, err := inner.Do(r.Clone(r.Context()))
		if err == nil && resp.StatusCode == 503 {
			_ = resp.Body.Close()
			r.Body = http.NoBody
			return inner.Do(r)
		}
		return resp, err
	})
	_, err := gamelift.New(options, oneAttempt).GetComputeAuthToken(t.Context(), authTokenInput())
	require.NoError(t, err)
}

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
	err = callThrough(t, service.URL, follower)
	require.ErrorContains(t, err, "redirect")
	require.Zero(t, tokens.Load())
}

// If a dialer makes a request with the context of the call, for example for DNS
// over HTTPS, that is not a redirect.
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
