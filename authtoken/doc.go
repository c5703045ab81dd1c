// Package authtoken keeps the auth tokens of computes fresh: the tokens with
// which game servers on Amazon GameLift Servers Anywhere fleets call InitSDK().
// A token lives for about three hours, a game server uses it once, at its start,
// and so whoever launches game servers needs one that is fresh at any moment.
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
// A [Pool] keeps the tokens of many computes under one request rate, because the
// service's quota is per account: 5 requests a second, whoever sends them.
//
// # When a token is replaced
//
// The service gives out the same token until less than 15 minutes of its life
// remain, and a new one after that. These 15 minutes are the refresh window:
//
//	fetched                           window entered    expired
//	|------------- fresh -------------|-----------------|------------
//	Token returns it,                 Token returns it, Token waits
//	nothing is sent                   one fetch in the  for a fetch
//	                                  background
//
// The window is entered at a random moment in its first fifth, so that computes
// that started together do not refresh together, and 12 minutes remain for an
// outage to end. Of a token that lives for less than the window, the window is
// its whole life.
//
// Life is what was left of it by the service's own clock, the Date header of the
// response, counted from the moment the request was sent. A local clock that is
// wrong does not matter. It is counted on the monotonic clock, which no
// correction moves, and on the wall clock, which goes on while a host is
// suspended: a token has expired when either says so.
//
// # What happens on failure
//
//	error                                     callers without a valid token   next request
//	NotFoundException within StartupWindow    wait on                         after a back-off
//	NotFoundException after that              get it at once                  in about a minute
//	UnauthorizedException, InvalidRequest-,
//	AccessDenied-, Validation- and
//	UnsupportedRegionException,
//	smithy.InvalidParamsError                 get it at once                  in about a minute
//	any other                                 get it, those who waited;       after a back-off
//	                                          later ones wait for the next
//
// The back-off is 1 second, doubling to 1 minute, each 20 % more or less; while
// there is a valid token, it is a tenth of what is left of its life at most, so
// that an outage that ends in time does not cost the token. While the token is
// valid, failures change nothing for callers.
//
// Tokens are secrets: none is ever logged, or printed as part of a value or an
// error of this package.
package authtoken
