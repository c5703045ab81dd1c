package endpoint

import (
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
)

func TestResolve_Partitions(t *testing.T) {
	t.Parallel()
	const (
		awsSuffix, awsDual   = "amazonaws.com", "api.aws"
		cnSuffix, cnDual     = "amazonaws.com.cn", "api.amazonwebservices.com.cn"
		euscSuffix, euscDual = "amazonaws.eu", "api.amazonwebservices.eu"
		isoSuffix, isoDual   = "c2s.ic.gov", "api.aws.ic.gov"
		isobSuffix, isobDual = "sc2s.sgov.gov", "api.aws.scloud"
		isoeSuffix, isoeDual = "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk"
		isofSuffix, isofDual = "csp.hci.ic.gov", "api.aws.hci.ic.gov"
	)
	tests := []struct{ region, suffix, dualStackSuffix string }{
		{"us-east-1", awsSuffix, awsDual},
		{"eu-central-1", awsSuffix, awsDual},
		{"ap-southeast-12", awsSuffix, awsDual},
		{"sa-east-1", awsSuffix, awsDual},
		{"ca-west-1", awsSuffix, awsDual},
		{"me-south-1", awsSuffix, awsDual},
		{"af-south-1", awsSuffix, awsDual},
		{"il-central-1", awsSuffix, awsDual},
		{"mx-central-1", awsSuffix, awsDual},
		{"aws-global", awsSuffix, awsDual},
		{"cn-northwest-1", cnSuffix, cnDual},
		{"aws-cn-global", cnSuffix, cnDual},
		{"us-gov-west-1", awsSuffix, awsDual},
		{"aws-us-gov-global", awsSuffix, awsDual},
		{"eusc-de-east-1", euscSuffix, euscDual},
		{"aws-eusc-global", euscSuffix, euscDual},
		{"us-iso-east-1", isoSuffix, isoDual},
		{"aws-iso-global", isoSuffix, isoDual},
		{"us-isob-east-1", isobSuffix, isobDual},
		{"aws-iso-b-global", isobSuffix, isobDual},
		{"eu-isoe-west-1", isoeSuffix, isoeDual},
		{"aws-iso-e-global", isoeSuffix, isoeDual},
		{"us-isof-south-1", isofSuffix, isofDual},
		{"aws-iso-f-global", isofSuffix, isofDual},

		// Not whole matches of any partition, so aws.
		{"cn-north", awsSuffix, awsDual},
		{"cn--1", awsSuffix, awsDual},
		{"cn-1", awsSuffix, awsDual},
		{"cn-north-1a", awsSuffix, awsDual},
		{"cn-north-a1", awsSuffix, awsDual},
		{"cn-north-east-1", awsSuffix, awsDual},
		{"xcn-north-1", awsSuffix, awsDual},
		{"us-iso-1", awsSuffix, awsDual},
		{"eusc-fr-east-1", awsSuffix, awsDual},
		{"xaws-cn-global", awsSuffix, awsDual},
		{"aws-cn-globally", awsSuffix, awsDual},
		{"mars-north-1", awsSuffix, awsDual},
		{"local", awsSuffix, awsDual},
		{"0", awsSuffix, awsDual},
		{strings.Repeat("r", 63), awsSuffix, awsDual},
	}
	for _, tt := range tests {
		t.Run(tt.region, func(t *testing.T) {
			t.Parallel()
			for p, want := range map[Params]string{
				{Region: tt.region}:                                    "https://gamelift." + tt.region + "." + tt.suffix + "/",
				{Region: tt.region, UseFIPS: true}:                     "https://gamelift-fips." + tt.region + "." + tt.suffix + "/",
				{Region: tt.region, UseDualStack: true}:                "https://gamelift." + tt.region + "." + tt.dualStackSuffix + "/",
				{Region: tt.region, UseFIPS: true, UseDualStack: true}: "https://gamelift-fips." + tt.region + "." + tt.dualStackSuffix + "/",
			} {
				u, err := Resolve(p)
				require.NoError(t, err)
				if diff := cmp.Diff(want, u.String()); diff != "" {
					t.Errorf("%+v (-want +got)\n%s", p, diff)
				}
			}
		})
	}
}

// aws and aws-us-gov have the same suffixes: only the name shows which one was
// found.
func TestPartitionOf(t *testing.T) {
	t.Parallel()
	for region, want := range map[string]string{
		"us-west-2":         "aws",
		"us-gov-1":          "aws",
		"us-gov-west-1":     "aws-us-gov",
		"aws-us-gov-global": "aws-us-gov",
		"us-gov-west":       "aws",
		"nowhere":           "aws",
	} {
		if got := partitionOf(region).name; got != want {
			t.Errorf("%s: got %s, want %s", region, got, want)
		}
	}
}

func TestResolve_BaseEndpoint(t *testing.T) {
	t.Parallel()
	label63 := strings.Repeat("l", 63)
	tests := []struct{ base, want string }{
		{"http://localhost", "http://localhost/"},
		{"https://localhost/", "https://localhost/"},
		{"HTTPS://Gamelift.Example.com", "https://Gamelift.Example.com/"},
		{"http://127.0.0.1:8080", "http://127.0.0.1:8080/"},
		{"http://[::1]:8080/x", "http://[::1]:8080/x"},
		{"http://[2001:db8::1]", "http://[2001:db8::1]/"},
		{"http://local_stack:1", "http://local_stack:1/"},
		{"http://example.com.:65535", "http://example.com.:65535/"},
		{"http://" + label63 + "." + label63, "http://" + label63 + "." + label63 + "/"},
		{"http://h/base/", "http://h/base/"},
		{"http://h//double", "http://h//double"},
		{"http://h/a%2Fb%20c", "http://h/a%2Fb%20c"},
		{"http://h/a%3Fb%23c@d:e", "http://h/a%3Fb%23c@d:e"},
		{"http://h/a b/ä", "http://h/a%20b/%C3%A4"},
	}
	for _, tt := range tests {
		t.Run(tt.base, func(t *testing.T) {
			t.Parallel()
			u, err := Resolve(Params{Region: "us-west-2", BaseEndpoint: &tt.base})
			require.NoError(t, err)
			if diff := cmp.Diff(tt.want, u.String()); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestResolve_ReturnsFreshURL(t *testing.T) {
	t.Parallel()
	for _, p := range []Params{
		{Region: "us-west-2"},
		{Region: "us-west-2", BaseEndpoint: new("http://h/")},
	} {
		first, err := Resolve(p)
		require.NoError(t, err)
		want := first.String()
		first.Path, first.Host = "/changed", "changed"

		second, err := Resolve(p)
		require.NoError(t, err)
		if diff := cmp.Diff(want, second.String()); diff != "" {
			t.Errorf("%+v (-want +got)\n%s", p, diff)
		}
	}
}

const (
	noRegion     = "missing Region: it is required and is part of the signature, also with BaseEndpoint"
	baseForm     = ": it must be http[s]://host[:port][/path]"
	baseEmpty    = "BaseEndpoint is empty" + baseForm
	baseNoURL    = "BaseEndpoint is not a valid URL" + baseForm
	baseScheme   = "BaseEndpoint does not start with http:// or https://" + baseForm
	baseUserInfo = "BaseEndpoint has user info" + baseForm
	baseQuery    = "BaseEndpoint has a query or a fragment" + baseForm
	baseNoHost   = "BaseEndpoint has no host" + baseForm
	baseBadHost  = "BaseEndpoint has an invalid host" + baseForm
	baseBadPort  = "BaseEndpoint has a port that is not 1 to 65535" + baseForm
)

func TestResolve_BadRegion(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("r", 64)
	const form = ": it must be a host label, 1 to 63 of a-z, 0-9 and inner hyphens"
	tests := []struct{ region, want string }{
		{"", noRegion},
		{long, `invalid Region "` + long + `"` + form},
		{"-us-west-2", `invalid Region "-us-west-2"` + form},
		{"us-west-2-", `invalid Region "us-west-2-"` + form},
		{"-", `invalid Region "-"` + form},
		{"us-West-2", `invalid Region "us-West-2"` + form},
		{"us_west_2", `invalid Region "us_west_2"` + form},
		{"us.west", `invalid Region "us.west"` + form},
		{" us-west-2", `invalid Region " us-west-2"` + form},
		{"us-west-2\n", `invalid Region "us-west-2\n"` + form},
		{"evil.com/#", `invalid Region "evil.com/#"` + form},
		{"us-wést-2", `invalid Region "us-wést-2"` + form},
		{"us\x00", `invalid Region "us\x00"` + form},
	}
	for _, tt := range tests {
		t.Run(tt.region, func(t *testing.T) {
			t.Parallel()
			for _, p := range []Params{
				{Region: tt.region},
				{Region: tt.region, BaseEndpoint: new("http://localhost")},
			} {
				u, err := Resolve(p)
				require.Error(t, err)
				if u != nil {
					t.Errorf("got %v with the error", u)
				}
				if diff := cmp.Diff(tt.want, err.Error()); diff != "" {
					t.Errorf("%+v (-want +got)\n%s", p, diff)
				}
			}
		})
	}
}

func TestResolve_FlagsWithBaseEndpoint(t *testing.T) {
	t.Parallel()
	const (
		fips      = "UseFIPS cannot be combined with BaseEndpoint: set BaseEndpoint to the FIPS host, or leave it out"
		dualStack = "UseDualStack cannot be combined with BaseEndpoint: set BaseEndpoint to the dual-stack host, or leave it out"
	)
	tests := []struct {
		p    Params
		want string
	}{
		{Params{UseFIPS: true}, fips},
		{Params{UseDualStack: true}, dualStack},
		{Params{UseFIPS: true, UseDualStack: true}, fips + "\n" + dualStack},
	}
	for _, tt := range tests {
		tt.p.Region, tt.p.BaseEndpoint = "us-west-2", new("http://localhost")
		_, err := Resolve(tt.p)
		require.Error(t, err)
		if diff := cmp.Diff(tt.want, err.Error()); diff != "" {
			t.Errorf("%+v (-want +got)\n%s", tt.p, diff)
		}
	}
}

var badBases = []struct{ base, want string }{
	{"", baseEmpty},
	{"\x00", baseNoURL},
	{" http://h", baseNoURL},
	{"127.0.0.1:8080", baseNoURL},
	{"http://h/%zz", baseNoURL},
	{"http://h:port", baseNoURL},
	{"http://h:-1", baseNoURL},
	{"http://u:hunter2%zz@h", baseNoURL},
	{"http://u:hunter2 @h", baseNoURL},
	{"http://u:hunter2?@h", baseNoURL},
	{"http://u:hunter2\n@h", baseNoURL},
	{"http://a b", baseNoURL},
	{"http://h%41", baseNoURL},
	{"http://[1.2.3.4]", baseNoURL},
	{"http://[::1", baseNoURL},
	{"localhost:8080", baseScheme},
	{"localhost", baseScheme},
	{"//localhost", baseScheme},
	{"/path", baseScheme},
	{"ftp://h", baseScheme},
	{"httpss://h", baseScheme},
	{"u:hunter2@h", baseScheme},
	{"http://u:hunter2@h", baseUserInfo},
	{"https://u@h/p", baseUserInfo},
	{"https://@h", baseUserInfo},
	{"http://:hunter2@", baseUserInfo},
	{"http://h?a=b", baseQuery},
	{"http://h/?", baseQuery},
	{"http://h?", baseQuery},
	{"http://h#f", baseQuery},
	{"http://h/#", baseQuery},
	{"http://h#", baseQuery},
	{"http:", baseNoHost},
	{"http:h", baseNoHost},
	{"http:u:hunter2@h", baseNoHost},
	{"http:/h", baseNoHost},
	{"https://", baseNoHost},
	{"http:///path", baseNoHost},
	{"http://:80", baseNoHost},
	{"http://.", baseBadHost},
	{"http://h..", baseBadHost},
	{"http://a..b", baseBadHost},
	{"http://.a", baseBadHost},
	{"http://-a.b", baseBadHost},
	{"http://a-.b", baseBadHost},
	{"http://" + strings.Repeat("l", 64), baseBadHost},
	{"http://h%25", baseBadHost},
	{"http://h%E4", baseBadHost},
	{"http://hä", baseBadHost},
	{"http://h<>\"", baseBadHost},
	{"http://a,b", baseBadHost},
	{"http://a;b", baseBadHost},
	{"http://[fe80::1%25eth0]", baseBadHost},
	{"http://h:", baseBadPort},
	{"http://[::1]:", baseBadPort},
	{"http://h:0", baseBadPort},
	{"http://h:65536", baseBadPort},
	{"http://h:99999999999999999999", baseBadPort},
}

func TestResolve_BadBaseEndpoint(t *testing.T) {
	t.Parallel()
	for _, tt := range badBases {
		t.Run(tt.base, func(t *testing.T) {
			t.Parallel()
			u, err := Resolve(Params{Region: "us-west-2", BaseEndpoint: &tt.base})
			require.Error(t, err)
			if u != nil {
				t.Errorf("got %v with the error", u)
			}
			if diff := cmp.Diff(tt.want, err.Error()); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func FuzzResolve(f *testing.F) {
	// Every error text is one of these constants: so none repeats anything of the input.
	texts := map[string]bool{}
	for _, tt := range badBases {
		f.Add(tt.base)
		texts[tt.want] = true
	}
	f.Add("HTTP://Example.com.:8080/a%2Fb c//ä?")
	f.Add("https://[2001:db8::1]:443/%F0%9F")

	f.Fuzz(func(t *testing.T, base string) {
		u, err := Resolve(Params{Region: "us-west-2", BaseEndpoint: &base})
		if err != nil {
			if !texts[err.Error()] {
				t.Fatalf("%q: unknown error text %q", base, err)
			}
			return
		}
		if u.Scheme != "http" && u.Scheme != "https" {
			t.Errorf("%q: scheme %q", base, u.Scheme)
		}
		if u.Hostname() == "" {
			t.Errorf("%q: no host", base)
		}
		if u.User != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "" || u.Opaque != "" {
			t.Errorf("%q: more than scheme, host and path: %#v", base, u)
		}
		if !strings.HasPrefix(u.Path, "/") {
			t.Errorf("%q: path %q", base, u.Path)
		}
		again, err := url.Parse(u.String())
		if err != nil {
			t.Fatalf("%q: %q does not parse: %v", base, u, err)
		}
		type visible struct{ URL, Host, Path, EscapedPath string }
		if diff := cmp.Diff(
			visible{u.String(), u.Host, u.Path, u.EscapedPath()},
			visible{again.String(), again.Host, again.Path, again.EscapedPath()},
		); diff != "" {
			t.Errorf("%q: parsed again (-want +got)\n%s", base, diff)
		}
	})
}
