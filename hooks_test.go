package gamelift_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/stretchr/testify/require"

	"github.com/gamelift-compute/gamelift"
	apierrors "github.com/gamelift-compute/gamelift/errors"
	"github.com/gamelift-compute/gamelift/internal/clienttest"
	"github.com/gamelift-compute/gamelift/types"
)

// hook is an interceptor at all 13 points of a call.
type hook func(point string, ctx context.Context, in *smithyhttp.InterceptorContext) error

func (h hook) BeforeExecution(ctx context.Context, in *smithyhttp.InterceptorContext) error {
	return h("BeforeExecution", ctx, in)
}
func (h hook) BeforeSerialization(ctx context.Context, in *smithyhttp.InterceptorContext) error {
	return h("BeforeSerialization", ctx, in)
}
func (h hook) AfterSerialization(ctx context.Context, in *smithyhttp.InterceptorContext) error {
	return h("AfterSerialization", ctx, in)
}
func (h hook) BeforeRetryLoop(ctx context.Context, in *smithyhttp.InterceptorContext) error {
	return h("BeforeRetryLoop", ctx, in)
}
func (h hook) BeforeAttempt(ctx context.Context, in *smithyhttp.InterceptorContext) error {
	return h("BeforeAttempt", ctx, in)
}
func (h hook) BeforeSigning(ctx context.Context, in *smithyhttp.InterceptorContext) error {
	return h("BeforeSigning", ctx, in)
}
func (h hook) AfterSigning(ctx context.Context, in *smithyhttp.InterceptorContext) error {
	return h("AfterSigning", ctx, in)
}
func (h hook) BeforeTransmit(ctx context.Context, in *smithyhttp.InterceptorContext) error {
	return h("BeforeTransmit", ctx, in)
}
func (h hook) AfterTransmit(ctx context.Context, in *smithyhttp.InterceptorContext) error {
	return h("AfterTransmit", ctx, in)
}
func (h hook) BeforeDeserialization(ctx context.Context, in *smithyhttp.InterceptorContext) error {
	return h("BeforeDeserialization", ctx, in)
}
func (h hook) AfterDeserialization(ctx context.Context, in *smithyhttp.InterceptorContext) error {
	return h("AfterDeserialization", ctx, in)
}
func (h hook) AfterAttempt(ctx context.Context, in *smithyhttp.InterceptorContext) error {
	return h("AfterAttempt", ctx, in)
}
func (h hook) AfterExecution(ctx context.Context, in *smithyhttp.InterceptorContext) error {
	return h("AfterExecution", ctx, in)
}

func (h hook) add(o *gamelift.Options) {
	i := &o.Interceptors
	i.AddBeforeExecution(h)
	i.AddBeforeSerialization(h)
	i.AddAfterSerialization(h)
	i.AddBeforeRetryLoop(h)
	i.AddBeforeAttempt(h)
	i.AddBeforeSigning(h)
	i.AddAfterSigning(h)
	i.AddBeforeTransmit(h)
	i.AddAfterTransmit(h)
	i.AddBeforeDeserialization(h)
	i.AddAfterDeserialization(h)
	i.AddAfterAttempt(h)
	i.AddAfterExecution(h)
}

// at is a hook that does something at one point alone.
func at(point string, do func(in *smithyhttp.InterceptorContext) error) func(*gamelift.Options) {
	return hook(func(p string, _ context.Context, in *smithyhttp.InterceptorContext) error {
		if p == point {
			return do(in)
		}
		return nil
	}).add
}

// recorder writes down each point with the fields that are set there.
func recorder(points *[]string) func(*gamelift.Options) {
	return hook(func(point string, _ context.Context, in *smithyhttp.InterceptorContext) error {
		fields := ""
		if in.Input != nil {
			fields += " Input"
		}
		if in.Request != nil {
			fields += " Request"
		}
		if in.Response != nil {
			fields += " Response"
		}
		if in.Output != nil {
			fields += " Output"
		}
		*points = append(*points, point+":"+fields)
		return nil
	}).add
}

var (
	pointsAhead = []string{
		"BeforeExecution: Input",
		"BeforeSerialization: Input",
		"AfterSerialization: Input Request",
		"BeforeRetryLoop: Input Request",
	}
	pointsOfSending = []string{
		"BeforeAttempt: Input Request",
		"BeforeSigning: Input Request",
		"AfterSigning: Input Request",
		"BeforeTransmit: Input Request",
	}
	pointsOfFailure = []string{
		"AfterTransmit: Input Request Response",
		"BeforeDeserialization: Input Request Response",
		"AfterDeserialization: Input Request Response",
		"AfterAttempt: Input Request Response",
	}
	pointsOfSuccess = []string{
		"AfterTransmit: Input Request Response",
		"BeforeDeserialization: Input Request Response",
		"AfterDeserialization: Input Request Response Output",
		"AfterAttempt: Input Request Response Output",
	}
)

// This list is the order of a call's steps, for all who hook into them.
func TestInterceptorOrder(t *testing.T) {
	t.Parallel()
	t.Run("success after a retry", func(t *testing.T) {
		t.Parallel()
		var points []string
		s := answers(status(500, ""), status(200, okBody))
		_, err := gamelift.New(s.Options()).GetComputeAuthToken(t.Context(), authTokenInput(), recorder(&points), immediately)
		require.NoError(t, err)
		diff(t, slices.Concat(pointsAhead, pointsOfSending, pointsOfFailure, pointsOfSending, pointsOfSuccess,
			[]string{"AfterExecution: Input Request Response Output"}), points)
	})
	t.Run("error of the service", func(t *testing.T) {
		t.Parallel()
		var points []string
		s := answers(status(400, ""))
		_, err := gamelift.New(s.Options()).GetComputeAuthToken(t.Context(), authTokenInput(), recorder(&points))
		require.Error(t, err)
		diff(t, slices.Concat(pointsAhead, pointsOfSending, pointsOfFailure, []string{"AfterExecution: Input Request Response"}), points)
	})
	t.Run("no response", func(t *testing.T) {
		t.Parallel()
		var points []string
		s := answers(fails(errors.New("no route")))
		_, err := gamelift.New(s.Options()).GetComputeAuthToken(t.Context(), authTokenInput(), recorder(&points), oneAttempt)
		require.Error(t, err)
		diff(t, slices.Concat(pointsAhead, pointsOfSending, []string{"AfterAttempt: Input Request", "AfterExecution: Input Request"}), points)
	})
	t.Run("bad input", func(t *testing.T) {
		t.Parallel()
		var points []string
		s := answers(status(200, okBody))
		_, err := gamelift.New(s.Options()).GetComputeAuthToken(t.Context(), nil, recorder(&points))
		require.Error(t, err)
		diff(t, []string{"BeforeExecution: Input", "AfterExecution: Input"}, points)
		require.Empty(t, s.At)
	})
}

// immediately retries without a delay.
func immediately(o *gamelift.Options) { o.Retryer = &spyRetryer{retries: true} }

func TestInterceptorsSeeInputAndOutput(t *testing.T) {
	t.Parallel()
	in := authTokenInput()
	var seen any
	s := answers(status(200, okBody))
	out, err := gamelift.New(s.Options()).GetComputeAuthToken(t.Context(), in,
		at("BeforeExecution", func(c *smithyhttp.InterceptorContext) error {
			require.Same(t, in, c.Input)
			return nil
		}),
		at("AfterExecution", func(c *smithyhttp.InterceptorContext) error {
			seen = c.Output
			require.Equal(t, 1, gamelift.Attempts(c.Output.(*gamelift.GetComputeAuthTokenOutput).ResultMetadata))
			return nil
		}))
	require.NoError(t, err)
	require.Same(t, out, seen)
}

// An interceptor ahead of validation may complete the input.
func TestInterceptorBeforeExecutionMayChangeTheInput(t *testing.T) {
	t.Parallel()
	s := answers(status(200, okBody))
	_, err := gamelift.New(s.Options()).RequestUploadCredentials(t.Context(), nil, at("BeforeExecution", func(in *smithyhttp.InterceptorContext) error {
		in.Input.(*gamelift.RequestUploadCredentialsInput).BuildId = new("build-2")
		return nil
	}))
	require.NoError(t, err)
}

// The Request of every point is the one that is sent.
func TestInterceptorsChangeTheRequestThatIsSent(t *testing.T) {
	t.Parallel()
	for _, point := range []string{"AfterSerialization", "BeforeRetryLoop", "BeforeAttempt", "BeforeSigning", "AfterSigning", "BeforeTransmit"} {
		t.Run(point, func(t *testing.T) {
			t.Parallel()
			var arrived []http.Header
			options := serve(t, func(w http.ResponseWriter, r *http.Request) {
				if arrived = append(arrived, r.Header); len(arrived) < 3 {
					w.WriteHeader(500)
				}
			})
			n := 0
			_, err := gamelift.New(options).GetComputeAuthToken(t.Context(), authTokenInput(), immediately,
				at(point, func(in *smithyhttp.InterceptorContext) error {
					n++
					in.Request.Header.Add("X-Hook", fmt.Sprint(n))
					return nil
				}))
			require.NoError(t, err)
			ofTheCall := strings.HasPrefix(point, "AfterSer") || strings.HasPrefix(point, "BeforeRetry")
			signed := ofTheCall || point == "BeforeAttempt" || point == "BeforeSigning"
			for i, header := range arrived {
				want := fmt.Sprint(i + 1)
				if ofTheCall {
					want = "1"
				}
				diff(t, []string{want}, header["X-Hook"])
				require.Equal(t, signed, strings.Contains(header.Get("Authorization"), ";x-hook,"), header.Get("Authorization"))
			}
			require.Len(t, arrived, 3)
		})
	}
}

// As with aws-sdk-go-v2, it is enough to change the URL.
func TestInterceptorsChangeTheHost(t *testing.T) {
	t.Parallel()
	for _, point := range []string{"AfterSerialization", "BeforeRetryLoop", "BeforeAttempt", "BeforeSigning"} {
		var host string
		other := serve(t, func(w http.ResponseWriter, r *http.Request) {
			host = r.Host
			_, _ = io.WriteString(w, okBody)
		})
		address := strings.TrimPrefix(*other.BaseEndpoint, "http://")
		options := serve(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(400) })
		_, err := gamelift.New(options).GetComputeAuthToken(t.Context(), authTokenInput(), at(point, func(in *smithyhttp.InterceptorContext) error {
			in.Request.URL.Host = address
			return nil
		}))
		require.NoError(t, err)
		require.Equal(t, address, host, point)
	}
}

func TestInterceptorSeesTheRequestThatWasSent(t *testing.T) {
	t.Parallel()
	var sent *http.Request
	options := answering(func(r *http.Request) (*http.Response, error) {
		sent = r
		return response(200, okBody), nil
	})
	check := func(in *smithyhttp.InterceptorContext) error {
		require.Same(t, sent, in.Request.Request)
		return nil
	}
	_, err := gamelift.New(options).GetComputeAuthToken(t.Context(), authTokenInput(),
		at("BeforeTransmit", func(in *smithyhttp.InterceptorContext) error {
			require.NotEmpty(t, in.Request.Header.Get("Authorization"))
			return nil
		}),
		at("AfterTransmit", check), at("AfterAttempt", check), at("AfterExecution", check))
	require.NoError(t, err)
}

func TestInterceptorReplacesTheBody(t *testing.T) {
	t.Parallel()
	const other = `{"FleetId":"another"}`
	for _, point := range []string{"AfterSerialization", "BeforeRetryLoop", "BeforeAttempt", "BeforeSigning"} {
		var bodies []string
		var hashes []string
		options := serve(t, func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			bodies = append(bodies, string(body))
			hashes = append(hashes, r.Header.Get("Authorization"))
			if len(bodies) < 2 {
				w.WriteHeader(500)
			}
		})
		_, err := gamelift.New(options).GetComputeAuthToken(t.Context(), authTokenInput(), immediately,
			at(point, func(in *smithyhttp.InterceptorContext) error {
				rc, err := in.Request.SetStream(strings.NewReader(other))
				*in.Request = *rc
				return err
			}))
		require.NoError(t, err)
		diff(t, []string{other, other}, bodies)
	}
}

func TestInterceptorsReadTheResponse(t *testing.T) {
	t.Parallel()
	options := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, okBody) })
	var read string
	out, err := gamelift.New(options).GetComputeAuthToken(t.Context(), authTokenInput(),
		at("AfterTransmit", func(in *smithyhttp.InterceptorContext) error {
			body := in.Response.Body // what a decompressing interceptor does
			in.Response.Body = io.NopCloser(io.MultiReader(strings.NewReader(" "), body))
			return nil
		}),
		at("BeforeDeserialization", func(in *smithyhttp.InterceptorContext) error {
			b, err := io.ReadAll(in.Response.Body)
			read = string(b)
			return err
		}))
	require.NoError(t, err)
	require.Equal(t, "token-1", *out.AuthToken)
	require.Equal(t, " "+okBody, read)
}

func TestInterceptorErrors(t *testing.T) {
	t.Parallel()
	failure := errors.New("hook failed")
	ahead := []string{"BeforeExecution", "BeforeSerialization", "AfterSerialization", "BeforeRetryLoop"}
	unsent := append(slices.Clone(ahead), "BeforeAttempt", "BeforeSigning", "AfterSigning", "BeforeTransmit")
	all := append(slices.Clone(unsent), "AfterTransmit", "BeforeDeserialization", "AfterDeserialization", "AfterAttempt", "AfterExecution")
	for _, point := range all {
		t.Run(point, func(t *testing.T) {
			t.Parallel()
			var points []string
			s := answers(status(200, okBody))
			fail := at(point, func(*smithyhttp.InterceptorContext) error { return failure })
			out, err := gamelift.New(s.Options()).GetComputeAuthToken(t.Context(), authTokenInput(), recorder(&points), fail)
			require.ErrorIs(t, err, failure)
			require.Nil(t, out)
			require.Equal(t, !slices.Contains(unsent, point), len(s.At) == 1)
			last := points[len(points)-1]
			require.True(t, strings.HasPrefix(last, "AfterExecution:"), "it runs however far the call came")
			attempted := slices.ContainsFunc(points, func(p string) bool { return strings.HasPrefix(p, "AfterAttempt:") })
			require.Equal(t, !slices.Contains(ahead, point) && point != "BeforeAttempt", attempted)
		})
	}
}

// An error of the service and one of the hook behind it are both found.
func TestInterceptorErrorDoesNotHideTheServices(t *testing.T) {
	t.Parallel()
	failure := errors.New("hook failed")
	for _, point := range []string{"AfterDeserialization", "AfterAttempt", "AfterExecution"} {
		s := answers(status(400, `{"__type":"NotFoundException"}`))
		_, err := gamelift.New(s.Options()).GetComputeAuthToken(t.Context(), authTokenInput(),
			at(point, func(*smithyhttp.InterceptorContext) error { return failure }))
		require.ErrorIs(t, err, failure)
		var notFound *types.NotFoundException
		require.ErrorAs(t, err, &notFound)
	}
}

// An error of a hook in the loop is subject to the retry policy.
func TestInterceptorErrorInTheLoopMayBeRetried(t *testing.T) {
	t.Parallel()
	n := 0
	s := answers(status(200, okBody))
	out, err := gamelift.New(s.Options()).GetComputeAuthToken(t.Context(), authTokenInput(), immediately,
		at("BeforeSigning", func(*smithyhttp.InterceptorContext) error {
			if n++; n == 1 {
				return errors.New("once")
			}
			return nil
		}))
	require.NoError(t, err)
	require.Equal(t, 2, gamelift.Attempts(out.ResultMetadata))
}

func TestInterceptorsOfACallDoNotPersist(t *testing.T) {
	t.Parallel()
	s := answers(status(200, okBody))
	client := gamelift.New(s.Options())
	n := 0
	count := at("BeforeExecution", func(*smithyhttp.InterceptorContext) error { n++; return nil })
	for range 2 {
		_, err := client.GetComputeAuthToken(t.Context(), authTokenInput(), count)
		require.NoError(t, err)
	}
	_, err := client.GetComputeAuthToken(t.Context(), authTokenInput())
	require.NoError(t, err)
	require.Equal(t, 2, n)
}

func TestInterceptorsKnowTheOperation(t *testing.T) {
	t.Parallel()
	s := answers(status(200, "{}"))
	for _, op := range operations {
		_, _, err := op.Call(t, gamelift.New(s.Options()), hook(func(_ string, ctx context.Context, _ *smithyhttp.InterceptorContext) error {
			require.Equal(t, "GameLift", middleware.GetServiceID(ctx))
			require.Equal(t, op.Name, middleware.GetOperationName(ctx))
			return nil
		}).add)
		require.NoError(t, err)
	}
}

// A connection is used again after every outcome, with and without interceptors.
func TestConnectionsAreReused(t *testing.T) {
	t.Parallel()
	nothing := hook(func(string, context.Context, *smithyhttp.InterceptorContext) error { return nil }).add
	for _, optFns := range [][]func(*gamelift.Options){nil, {nothing}} {
		connections := map[string]bool{}
		n := 0
		options := serve(t, func(w http.ResponseWriter, r *http.Request) {
			connections[r.RemoteAddr] = true
			switch n++; n % 4 {
			case 1:
				_, _ = io.WriteString(w, okBody)
			case 2:
				w.WriteHeader(400)
				_, _ = io.WriteString(w, strings.Repeat("x", 100_000))
			case 3:
				w.WriteHeader(204)
			}
		})
		client := gamelift.New(options)
		for range 40 {
			_, err := client.GetComputeAuthToken(t.Context(), authTokenInput(), append(optFns, oneAttempt)...)
			var response *apierrors.ResponseError
			if err != nil {
				require.ErrorAs(t, err, &response)
			}
		}
		require.Len(t, connections, 1)
	}
}

func TestOutputOfAFailedAttemptIsForgotten(t *testing.T) {
	t.Parallel()
	var outputs []any
	failed := false
	s := answers(status(200, `{"AuthToken":"token-1","FleetId":"fleet-1"}`), status(200, `{"AuthToken":"token-2"}`))
	out, err := gamelift.New(s.Options(), immediately).GetComputeAuthToken(t.Context(), authTokenInput(),
		at("BeforeAttempt", func(in *smithyhttp.InterceptorContext) error { outputs = append(outputs, in.Output); return nil }),
		at("AfterDeserialization", func(*smithyhttp.InterceptorContext) error {
			if failed {
				return nil
			}
			failed = true
			return errors.New("not this one")
		}))
	require.NoError(t, err)
	require.Equal(t, []any{nil, nil}, outputs)
	require.Nil(t, out.FleetId, "a member of the attempt before")
}

func TestBodiesThatInterceptorsSet(t *testing.T) {
	t.Parallel()
	setting := func(body io.Reader) func(*gamelift.Options) {
		return at("BeforeSigning", func(in *smithyhttp.InterceptorContext) error {
			rc, err := in.Request.SetStream(body)
			*in.Request = *rc
			return err
		})
	}
	s := answers(status(200, okBody))
	_, err := gamelift.New(s.Options()).GetComputeAuthToken(t.Context(), authTokenInput(), setting(nil), at("BeforeTransmit", func(in *smithyhttp.InterceptorContext) error {
		require.Equal(t, http.NoBody, in.Request.Body)
		require.Nil(t, in.Request.GetBody)
		require.Zero(t, in.Request.ContentLength)
		return nil
	}))
	require.NoError(t, err)

	s = answers(status(200, okBody))
	_, err = gamelift.New(s.Options()).GetComputeAuthToken(t.Context(), authTokenInput(), setting(io.MultiReader(strings.NewReader("{}"))))
	require.ErrorContains(t, err, "not seekable")
	require.Empty(t, s.At)

	options := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, okBody) })
	_, err = gamelift.New(options).GetComputeAuthToken(t.Context(), authTokenInput(), at("BeforeTransmit", func(in *smithyhttp.InterceptorContext) error {
		for range 2 { // net/http sends it again on another connection
			body, err := in.Request.GetBody()
			require.NoError(t, err)
			text, err := io.ReadAll(body)
			require.NoError(t, err)
			require.JSONEq(t, `{"ComputeName":"compute-1","FleetId":"fleet-1"}`, string(text))
		}
		return nil
	}))
	require.NoError(t, err)
}

func TestEveryInterceptorAlone(t *testing.T) {
	t.Parallel()
	points := reflect.TypeFor[smithyhttp.InterceptorRegistry]()
	require.Equal(t, 13, points.NumField())
	for i := range points.NumField() {
		ran := 0
		h := hook(func(point string, ctx context.Context, in *smithyhttp.InterceptorContext) error {
			ran++
			require.Equal(t, points.Field(i).Name, point)
			require.Equal(t, point != "BeforeExecution" && point != "BeforeSerialization", in.Request != nil, point)
			if in.Request != nil {
				require.NotNil(t, in.Request.GetStream(), point)
			}
			return nil
		})
		_, err := gamelift.New(answers(status(200, okBody)).Options()).GetComputeAuthToken(t.Context(), authTokenInput(), func(o *gamelift.Options) {
			field := reflect.ValueOf(&o.Interceptors).Elem().Field(i)
			field.Set(reflect.Append(field, reflect.ValueOf(h)))
		})
		require.NoError(t, err)
		require.Equal(t, 1, ran, points.Field(i).Name)
	}
}

func TestContextOfInterceptors(t *testing.T) {
	t.Parallel()
	for _, add := range []func(*smithyhttp.InterceptorRegistry, hook){
		func(r *smithyhttp.InterceptorRegistry, h hook) { r.AddBeforeExecution(h) },
		func(r *smithyhttp.InterceptorRegistry, h hook) { r.AddBeforeSerialization(h) },
	} {
		_, err := gamelift.New(answers(status(200, okBody)).Options()).GetComputeAuthToken(t.Context(), authTokenInput(), func(o *gamelift.Options) {
			add(&o.Interceptors, func(_ string, ctx context.Context, _ *smithyhttp.InterceptorContext) error {
				require.Equal(t, "GameLift", middleware.GetServiceID(ctx))
				require.Equal(t, "GetComputeAuthToken", middleware.GetOperationName(ctx))
				return nil
			})
		})
		require.NoError(t, err)
	}
	options := answering(func(r *http.Request) (*http.Response, error) {
		require.Equal(t, "GameLift", middleware.GetServiceID(r.Context()))
		return response(200, okBody), nil
	})
	options.TracerProvider = &clienttest.Spans{}
	_, err := gamelift.New(options).GetComputeAuthToken(t.Context(), authTokenInput())
	require.NoError(t, err)
}

func TestInterceptorThatTakesTheHeaderAway(t *testing.T) {
	t.Parallel()
	for _, point := range []string{"AfterSerialization", "BeforeSigning"} {
		s := answers(status(200, okBody))
		_, err := call(t, gamelift.New(s.Options(), at(point, func(in *smithyhttp.InterceptorContext) error {
			in.Request.Header = nil
			return nil
		})))
		require.NoError(t, err)
		require.NotEmpty(t, s.Headers[0].Get("Authorization"))
	}
}

// If an interceptor removes what a later step needs, the call returns an error. A
// body that it removes is an empty one. Nothing panics at any point.
func TestInterceptorsThatSetNil(t *testing.T) {
	t.Parallel()
	removals := map[string]func(*smithyhttp.InterceptorContext){
		"Request": func(in *smithyhttp.InterceptorContext) { in.Request = nil },
		"Request.Request": func(in *smithyhttp.InterceptorContext) {
			if in.Request != nil {
				in.Request.Request = nil
			}
		},
		"URL": func(in *smithyhttp.InterceptorContext) {
			if in.Request != nil && in.Request.Request != nil {
				in.Request.URL = nil
			}
		},
		"Request.Header": func(in *smithyhttp.InterceptorContext) {
			if in.Request != nil && in.Request.Request != nil {
				in.Request.Header = nil
			}
		},
		"Response": func(in *smithyhttp.InterceptorContext) { in.Response = nil },
		"Response.Response": func(in *smithyhttp.InterceptorContext) {
			if in.Response != nil {
				in.Response.Response = nil
			}
		},
		"Body": func(in *smithyhttp.InterceptorContext) {
			if in.Response != nil && in.Response.Response != nil {
				in.Response.Body = nil
			}
		},
		"Response.Header": func(in *smithyhttp.InterceptorContext) {
			if in.Response != nil && in.Response.Response != nil {
				in.Response.Header = nil
			}
		},
		"Input and Output": func(in *smithyhttp.InterceptorContext) { in.Input, in.Output = nil, nil },
	}
	// Where a removal must be an error of the call.
	failing := map[string][]string{
		"Request.Request": {"AfterSerialization", "BeforeRetryLoop", "BeforeAttempt", "BeforeSigning", "AfterSigning", "BeforeTransmit"},
		"URL":             {"AfterSerialization", "BeforeRetryLoop", "BeforeAttempt", "BeforeSigning", "AfterSigning", "BeforeTransmit"},
		// The response is read after AfterTransmit and decoded after BeforeDeserialization.
		"Response.Response": {"AfterTransmit", "BeforeDeserialization"},
	}
	points := reflect.TypeFor[smithyhttp.InterceptorRegistry]()
	for name, remove := range removals {
		for i := range points.NumField() {
			for code, body := range map[int]string{200: okBody, 400: `{"__type":"NotFoundException"}`, 500: ""} {
				point := points.Field(i).Name
				t.Run(fmt.Sprintf("%s/%s/%d", name, point, code), func(t *testing.T) {
					t.Parallel()
					out, err := gamelift.New(answers(status(code, body)).Options(), func(o *gamelift.Options) {
						o.Retryer = gamelift.NewRetryer(func(o *gamelift.RetryerOptions) { o.MaxBackoff = 0 })
					}, at(point, func(in *smithyhttp.InterceptorContext) error {
						remove(in)
						return nil
					})).GetComputeAuthToken(t.Context(), authTokenInput())
					if slices.Contains(failing[name], point) {
						require.ErrorContains(t, err, "an interceptor set the Re")
					}
					if name == "Body" && code == 200 {
						require.NoError(t, err)
						require.Equal(t, point == "AfterTransmit" || point == "BeforeDeserialization", out.AuthToken == nil)
					}
				})
			}
		}
	}
}

// If an interceptor replaces the body before the deserialization, the new body is
// decoded. So it can decrypt the response of a success and of an error.
func TestInterceptorsRewriteTheResponse(t *testing.T) {
	t.Parallel()
	rewrite := func(in *smithyhttp.InterceptorContext) error {
		content, err := io.ReadAll(in.Response.Body)
		if err == nil {
			in.Response.Body = io.NopCloser(strings.NewReader(rot13(string(content))))
			in.Response.ContentLength = -1
		}
		return err
	}
	for _, point := range []string{"AfterTransmit", "BeforeDeserialization"} {
		t.Run(point, func(t *testing.T) {
			t.Parallel()
			out, err := gamelift.New(answers(status(200, rot13(okBody))).Options(), at(point, rewrite)).
				GetComputeAuthToken(t.Context(), authTokenInput())
			require.NoError(t, err)
			require.Equal(t, "token-1", *out.AuthToken)

			_, err = gamelift.New(answers(status(400, rot13(`{"__type":"NotFoundException"}`))).Options(), at(point, rewrite)).
				GetComputeAuthToken(t.Context(), authTokenInput())
			var notFound *types.NotFoundException
			require.ErrorAs(t, err, &notFound)
		})
	}
}

func rot13(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case 'a' <= r && r <= 'z':
			return 'a' + (r-'a'+13)%26
		case 'A' <= r && r <= 'Z':
			return 'A' + (r-'A'+13)%26
		}
		return r
	}, s)
}

// An interceptor can replace the whole response. The body that came is closed,
// and so is the new one.
func TestInterceptorsReplaceTheResponse(t *testing.T) {
	t.Parallel()
	for _, point := range []string{"AfterTransmit", "BeforeDeserialization"} {
		for _, whole := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/whole=%t", point, whole), func(t *testing.T) {
				t.Parallel()
				came, put := &trackedBody{Reader: strings.NewReader(okBody)}, &trackedBody{Reader: strings.NewReader(`{"AuthToken":"token-2"}`)}
				out, err := gamelift.New(answering(func(*http.Request) (*http.Response, error) {
					resp := response(200, "")
					resp.Body = came
					return resp, nil
				}), at(point, func(in *smithyhttp.InterceptorContext) error {
					if whole {
						in.Response.Response = response(200, "")
					}
					in.Response.Body = put
					return nil
				})).GetComputeAuthToken(t.Context(), authTokenInput())
				require.NoError(t, err)
				require.Equal(t, "token-2", *out.AuthToken)
				require.NotZero(t, came.closed)
				require.NotZero(t, put.closed)
			})
		}
	}
}

// As in smithy, an output that an interceptor puts in place of another is not
// what the call returns. It can change the output's members.
func TestInterceptorsCannotReplaceTheOutput(t *testing.T) {
	t.Parallel()
	out, err := gamelift.New(answers(status(200, okBody)).Options(),
		at("AfterDeserialization", func(in *smithyhttp.InterceptorContext) error {
			in.Output.(*gamelift.GetComputeAuthTokenOutput).FleetId = new("changed")
			in.Output = &gamelift.GetComputeAuthTokenOutput{}
			return nil
		})).GetComputeAuthToken(t.Context(), authTokenInput())
	require.NoError(t, err)
	require.Equal(t, "token-1", *out.AuthToken)
	require.Equal(t, "changed", *out.FleetId)
}
