// Package authtoken keeps the auth tokens of computes fresh. Game servers on
// Amazon GameLift Servers Anywhere fleets pass such a token to InitSDK(). A
// token is valid for about three hours, and a game server uses it once, when it
// starts. A program that launches game servers needs a valid token at any time.
//
// # One compute
//
// A [Source] keeps the token of one compute:
//
//	source := authtoken.NewSource(client, fleetID, computeName)
//	go source.Run(ctx) // optional: fetches ahead, so that no launch has to wait
//	...
//	token, err := source.Token(ctx)
//	...
//	cmd.Env = append(os.Environ(), token.Env(authtoken.ServerProcess{
//		WebSocketURL: webSocketURL,
//		ProcessID:    processID,
//	})...)
//
// # Many computes
//
// A [Pool] keeps the tokens of many computes within one request rate.
//
// The service's quota is 5 requests per second for the whole account, no matter
// who sends them. Sources and Pools on any number of hosts can share it without
// knowing of each other. When the service throttles them, those whose tokens have
// long to live give way to those whose tokens expire soon. SIMULATION.md in this
// package's directory has the figures.
//
// # When a token is replaced
//
// The service returns the same token until less than 15 minutes of its life
// remain, and a new one after that. These 15 minutes are the refresh window:
//
//	fetched                           window entered    expired
//	|------------- fresh -------------|-----------------|------------
//	Token returns it,                 Token returns it, Token waits
//	nothing is sent                   one fetch in the  for a fetch
//	                                  background
//
// The window is entered 10 seconds after it begins. If a token lives for less
// than the window, it is replaced after half of its life. Only a stub has such
// tokens.
//
// The life of a token is measured by the service's clock: from the Date header
// of the response to the expiry. It is counted from when the request was sent,
// so it does not matter whether the local clock is right. It is counted on two
// clocks: the monotonic clock, which is never set, and the wall clock, which
// goes on while a host is suspended. A token has expired when either clock says
// so.
//
// # What happens on failure
//
//	error                                     callers without a valid token   next request
//	NotFoundException within StartupWindow    go on waiting                   after a back-off
//	NotFoundException after that              get it at once                  in about a minute
//	UnauthorizedException, InvalidRequest-,
//	AccessDenied-, Validation- and
//	UnsupportedRegionException                get it at once                  in about a minute
//	wrong clock or expired keys,              go on waiting                   at once
//	but not twice in a row
//	throttling                                get it if they waited           see below
//	any other                                 get it if they waited;          after a back-off
//	                                          later ones wait for the next
//
// While a token is valid, failures change nothing for callers.
//
// The back-off is 1 second and doubles up to 1 minute, give or take 20 %. While
// there is a valid token, it is at most a tenth of the token's remaining life,
// so that the token survives an outage that ends in time.
//
// A Source that is throttled waits for 3 minutes if the whole window remains, and
// for less in proportion to the square of what remains, give or take 50 %.
// Without a token it waits for up to 1 second, and then twice as long each time,
// up to 5 minutes. A Pool that is throttled reduces its rate, unless its tokens
// are about to expire, and raises it again step by step.
//
// This package retries by itself: it allows the client one attempt for each
// request, and a second one only to correct the clock or to renew the keys.
//
// Tokens are secrets. This package never logs a token, and never prints one as
// part of a value or an error.
package authtoken
