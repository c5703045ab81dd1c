// Package endpoint resolves the URL that a client sends its requests to.
package endpoint

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// Params decide the endpoint.
type Params struct {
	Region       string  // required, also with a BaseEndpoint
	BaseEndpoint *string // scheme://host[:port][/path]; nil means the region's endpoint
	UseFIPS      bool    // cannot be combined with a BaseEndpoint
	UseDualStack bool    // cannot be combined with a BaseEndpoint
}

// RealRegion returns the region that a pseudo region of older SDKs, such as
// "fips-us-east-1" or "us-east-1-fips", means, and whether it is one.
func RealRegion(region string) (_ string, isFIPS bool) {
	if rest, ok := strings.CutPrefix(region, "fips-"); ok {
		return rest, true
	}
	if before, after, ok := strings.Cut(region, "-fips-"); ok {
		return before + "-" + after, true
	}
	return strings.CutSuffix(region, "-fips")
}

// Resolve returns the endpoint of p in a new URL. Its path is "/", or that of
// the BaseEndpoint with its escapes kept. It has no user info, query or
// fragment.
//
// The error names every option that is wrong. It quotes a Region, but no part of
// a BaseEndpoint, which may have a password.
func Resolve(p Params) (*url.URL, error) {
	err := checkRegion(p.Region)
	if p.BaseEndpoint != nil {
		u, baseErr := parseBase(*p.BaseEndpoint)
		if err := errors.Join(err, baseErr, checkFlags(p)); err != nil {
			return nil, err
		}
		return u, nil
	}
	if err != nil {
		return nil, err
	}

	service, part := "gamelift", partitionOf(p.Region)
	suffix := part.suffix
	if p.UseFIPS {
		service = "gamelift-fips"
	}
	if p.UseDualStack {
		suffix = part.dualStackSuffix
	}
	return &url.URL{Scheme: "https", Host: service + "." + p.Region + "." + suffix, Path: "/"}, nil
}

func checkRegion(region string) error {
	switch {
	case region == "":
		return errors.New("missing Region: it is required and is part of the signature, also with BaseEndpoint")
	case !isLabel(region, lowerCase):
		return fmt.Errorf("invalid Region %q: it must be a host label, 1 to 63 of a-z, 0-9 and inner hyphens", region)
	}
	return nil
}

// checkFlags returns an error for each flag that would change the endpoint of a
// region, which is not used with a BaseEndpoint.
func checkFlags(p Params) error {
	var errs []error
	if p.UseFIPS {
		errs = append(errs, errors.New("UseFIPS cannot be combined with BaseEndpoint: set BaseEndpoint to the FIPS host, or leave it out"))
	}
	if p.UseDualStack {
		errs = append(errs, errors.New("UseDualStack cannot be combined with BaseEndpoint: set BaseEndpoint to the dual-stack host, or leave it out"))
	}
	return errors.Join(errs...)
}

// parseBase wraps no error of url.Parse, because they repeat their input.
func parseBase(base string) (*url.URL, error) {
	u, err := url.Parse(base)
	switch {
	case base == "":
		return nil, baseError("is empty")
	case err != nil:
		return nil, baseError("is not a valid URL")
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, baseError("does not start with http:// or https://")
	case u.User != nil:
		return nil, baseError("has user info")
	case strings.ContainsAny(base, "?#"): // also empty ones, which url.URL does not show
		return nil, baseError("has a query or a fragment")
	case u.Hostname() == "": // also an opaque URL, http:host
		return nil, baseError("has no host")
	case !isHost(u):
		return nil, baseError("has an invalid host")
	case !isPort(u):
		return nil, baseError("has a port that is not 1 to 65535")
	}
	if u.Path == "" {
		u.Path = "/"
	}
	return u, nil
}

func baseError(problem string) error {
	return fmt.Errorf("BaseEndpoint %s: it must be http[s]://host[:port][/path]", problem)
}

// isHost is stricter than url.Parse, which accepts quotes and percent-encoded
// bytes. It also refuses an IPv6 zone, which net/http leaves out of the Host
// header, so that the signature would not match.
func isHost(u *url.URL) bool {
	host := u.Hostname()
	if strings.HasPrefix(u.Host, "[") {
		addr, err := netip.ParseAddr(host)
		return err == nil && addr.Is6() && addr.Zone() == ""
	}
	for label := range strings.SplitSeq(strings.TrimSuffix(host, "."), ".") {
		if !isLabel(label, anyCase) {
			return false
		}
	}
	return true
}

func isPort(u *url.URL) bool {
	if u.Port() == "" {
		return !strings.HasSuffix(u.Host, ":")
	}
	port, err := strconv.ParseUint(u.Port(), 10, 16)
	return err == nil && port != 0
}

const (
	lowerCase = "abcdefghijklmnopqrstuvwxyz0123456789-"
	anyCase   = lowerCase + "ABCDEFGHIJKLMNOPQRSTUVWXYZ_" // container networks have names with underscores
)

// isLabel reports whether s is a host label (RFC 1123, section 2.1) of the alphabet.
func isLabel(s, alphabet string) bool {
	return 1 <= len(s) && len(s) <= 63 && s[0] != '-' && s[len(s)-1] != '-' && strings.Trim(s, alphabet) == ""
}
