package errorcode_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/require"

	"github.com/gamelift-compute/gamelift/internal/errorcode"
)

var tables = map[string]errorcode.Table{
	"Throttling": errorcode.Throttling, "Timeout": errorcode.Timeout, "RefusedKeys": errorcode.RefusedKeys,
	"ClockSkew": errorcode.ClockSkew, "Credentials": errorcode.Credentials,
}

func TestTables(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		code string
		want string // the tables that have it
	}{
		{"ThrottlingException", "Throttling"},
		{"SlowDown", "Throttling"},
		{"RequestTimeout", "Timeout"},
		{"ExpiredToken", "Credentials RefusedKeys"},
		{"UnrecognizedClientException", "Credentials RefusedKeys"},
		{"InvalidClientTokenId", "Credentials"},
		{"SignatureDoesNotMatch", "ClockSkew Credentials"},
		{"RequestTimeTooSkewed", "ClockSkew"},
		{"AccessDeniedException", "ClockSkew"},
		{"NotFoundException", ""},
		{"InternalServiceException", ""},
		{errorcode.Unknown, ""},
		{"Throttling ", ""},
		{"ThrottlingExceptions", ""},
		{"", ""},
	} {
		for _, code := range []string{tt.code, strings.ToLower(tt.code), strings.ToUpper(tt.code)} {
			var got []string
			for _, name := range []string{"ClockSkew", "Credentials", "RefusedKeys", "Throttling", "Timeout"} {
				if tables[name].Contains(code) {
					got = append(got, name)
				}
			}
			require.Equal(t, tt.want, strings.Join(got, " "), "%q", code)
			require.Equal(t, tt.want != "", errorcode.Known(code), "%q", code)
		}
	}
}

func TestTable_Matches(t *testing.T) {
	t.Parallel()
	slow := &smithy.GenericAPIError{Code: "slowdown"}
	other := &smithy.GenericAPIError{Code: "NotFoundException"}
	for _, tt := range []struct {
		err  error
		want bool
	}{
		{nil, false},
		{slow, true},
		{other, false},
		{fmt.Errorf("wrapped: %w", slow), true},
		{errors.Join(errors.New("first"), slow), true},
		{errors.Join(other, slow), true},
		{fmt.Errorf("%w, after %w", other, fmt.Errorf("wrapped: %w", errors.Join(other, slow))), true},
		{errors.Join(other, nil, errors.Join()), false},
		{errors.New("SlowDown"), false},
		{list{errors.New("first"), slow}, true},
		{fmt.Errorf("wrapped: %w", list{other}), false},
	} {
		require.Equal(t, tt.want, errorcode.Throttling.Matches(tt.err), "%v", tt.err)
	}
}

// list is an error whose parts only errors.As finds, as in some error libraries.
type list []error

func (l list) Error() string { return fmt.Sprint([]error(l)) }

func (l list) As(target any) bool {
	return slices.ContainsFunc(l, func(err error) bool { return errors.As(err, target) })
}

func TestTables_NoDuplicates(t *testing.T) {
	t.Parallel()
	for name, table := range tables {
		seen := map[string]bool{}
		for _, code := range table {
			key := strings.ToLower(code)
			require.False(t, seen[key], "%s has %s twice", name, code)
			seen[key] = true
		}
	}
}
