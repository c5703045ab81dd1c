// Package operator is a program of a studio's operators: it reads settings and keys as every AWS tool does and gets
// what a game server, a shell on a compute or an upload needs.
package operator

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/gamelift-compute/gamelift"
	"github.com/gamelift-compute/gamelift/awsconfig"
	"github.com/gamelift-compute/gamelift/types"
)

// The exit codes.
const (
	done    = 0
	failed  = 1
	misused = 2
)

// Run runs the program with its arguments and returns its exit code. optFns change how settings are loaded.
func Run(ctx context.Context, args []string, stdout, stderr io.Writer, optFns ...func(*config.LoadOptions) error) int {
	s := &session{stderr: stderr}
	command, err := s.parse(args)
	if err != nil {
		fmt.Fprintln(stderr, "operator:", err)
		return misused
	}
	if s.client, err = s.newClient(ctx, optFns); err != nil {
		fmt.Fprintln(stderr, "operator: settings:", err)
		return failed
	}
	result, err := command(ctx)
	if err != nil {
		explain(stderr, err)
		return failed
	}
	encoder := json.NewEncoder(stdout)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(result); err != nil {
		fmt.Fprintln(stderr, "operator:", err)
		return failed
	}
	return done
}

// session is one run of the program.
type session struct {
	client                  *gamelift.Client
	stderr                  io.Writer
	profile, region         string
	fleetID, compute, build string
	patient, verbose        bool
	attempts                int
}

// parse returns what the arguments ask for.
func (s *session) parse(args []string) (command func(context.Context) (any, error), err error) {
	if len(args) == 0 {
		return nil, errors.New("want a command: token, access or upload")
	}
	flags := flag.NewFlagSet(args[0], flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&s.profile, "profile", "", "profile of the AWS configuration")
	flags.StringVar(&s.region, "region", "", "AWS region of this call")
	flags.BoolVar(&s.patient, "patient", false, "make up to five attempts")
	flags.BoolVar(&s.verbose, "verbose", false, "report every attempt")
	flags.StringVar(&s.fleetID, "fleet-id", "", "fleet of the compute")
	flags.StringVar(&s.compute, "compute-name", "", "compute")
	flags.StringVar(&s.build, "build-id", "", "build")
	if err := flags.Parse(args[1:]); err != nil {
		return nil, err
	}
	commands := map[string]func(context.Context) (any, error){"token": s.token, "access": s.access, "upload": s.upload}
	if command = commands[args[0]]; command == nil {
		return nil, fmt.Errorf("unknown command %q", args[0])
	}
	return command, nil
}

// newClient makes the client from the environment and the profile.
func (s *session) newClient(ctx context.Context, optFns []func(*config.LoadOptions) error) (*gamelift.Client, error) {
	optFns = append(optFns, config.WithAppID("operator"), config.WithServiceOptions(s.configure))
	if s.profile != "" {
		optFns = append(optFns, config.WithSharedConfigProfile(s.profile))
	}
	cfg, err := config.LoadDefaultConfig(ctx, optFns...)
	if err != nil {
		return nil, err
	}
	if s.verbose {
		cfg.Interceptors.AddBeforeTransmit(s)
	}
	return awsconfig.NewFromConfig(cfg)
}

// configure sets the options of this service alone.
func (s *session) configure(service string, options any) {
	if o, ok := options.(*gamelift.Options); ok && service == gamelift.ServiceID && s.patient {
		o.RetryMaxAttempts = 5
	}
}

// BeforeTransmit reports an attempt.
func (s *session) BeforeTransmit(context.Context, *smithyhttp.InterceptorContext) error {
	s.attempts++
	fmt.Fprintln(s.stderr, "operator: attempt", s.attempts)
	return nil
}

// forThisCall are the options of one call.
func (s *session) forThisCall(o *gamelift.Options) {
	if s.region != "" {
		o.Region = s.region
	}
}

func (s *session) token(ctx context.Context) (any, error) {
	out, err := s.client.GetComputeAuthToken(ctx, &gamelift.GetComputeAuthTokenInput{
		FleetId:     aws.String(s.fleetID),
		ComputeName: aws.String(s.compute),
	}, s.forThisCall)
	if err != nil {
		return nil, err
	}
	return map[string]string{
		"AuthToken": aws.ToString(out.AuthToken),
		"Compute":   aws.ToString(out.ComputeArn),
		"Fleet":     aws.ToString(out.FleetArn),
		"Expires":   aws.ToTime(out.ExpirationTimestamp).UTC().Format(time.RFC3339),
	}, nil
}

func (s *session) access(ctx context.Context) (any, error) {
	out, err := s.client.GetComputeAccess(ctx, &gamelift.GetComputeAccessInput{
		FleetId:     aws.String(s.fleetID),
		ComputeName: aws.String(s.compute),
	}, s.forThisCall)
	if err != nil {
		return nil, err
	}
	containers := map[string]string{}
	for _, c := range out.ContainerIdentifiers {
		containers[aws.ToString(c.ContainerName)] = aws.ToString(c.ContainerRuntimeId)
	}
	return map[string]any{"Keys": environment(out.Credentials), "Target": aws.ToString(out.Target), "Containers": containers}, nil
}

func (s *session) upload(ctx context.Context) (any, error) {
	out, err := s.client.RequestUploadCredentials(ctx, &gamelift.RequestUploadCredentialsInput{BuildId: aws.String(s.build)}, s.forThisCall)
	if err != nil {
		return nil, err
	}
	result := map[string]any{"Keys": environment(out.UploadCredentials)}
	if at := out.StorageLocation; at != nil {
		result["To"] = fmt.Sprintf("s3://%s/%s", aws.ToString(at.Bucket), aws.ToString(at.Key))
	}
	return result, nil
}

// environment are credentials as a shell wants them.
func environment(c *types.AwsCredentials) map[string]string {
	if c == nil {
		return nil
	}
	return map[string]string{
		"AWS_ACCESS_KEY_ID":     aws.ToString(c.AccessKeyId),
		"AWS_SECRET_ACCESS_KEY": aws.ToString(c.SecretAccessKey),
		"AWS_SESSION_TOKEN":     aws.ToString(c.SessionToken),
	}
}

// explain says what to do about a failed call.
func explain(w io.Writer, err error) {
	var (
		notFound     *types.NotFoundException
		invalid      *types.InvalidRequestException
		unauthorized *types.UnauthorizedException
		internal     *types.InternalServiceException
		input        smithy.InvalidParamsError
		response     *smithyhttp.ResponseError
		operation    *smithy.OperationError
	)
	advice := "see the error"
	switch {
	case errors.As(err, &input):
		advice = input.Error()
	case errors.As(err, &notFound):
		advice = "check the ID: " + notFound.ErrorMessage()
	case errors.As(err, &invalid):
		advice = "this cannot be: " + invalid.ErrorMessage()
	case errors.As(err, &unauthorized):
		advice = "ask for the permission: " + unauthorized.ErrorMessage()
	case errors.As(err, &internal):
		advice = "try again later: " + internal.ErrorMessage()
	case errors.Is(err, context.DeadlineExceeded):
		advice = "it took too long"
	}
	if errors.As(err, &operation) {
		fmt.Fprintf(w, "operator: %s.%s: ", operation.Service(), operation.Operation())
	}
	fmt.Fprintln(w, advice)
	if errors.As(err, &response) {
		fmt.Fprintln(w, "operator: HTTP status", response.HTTPStatusCode())
	}
}
