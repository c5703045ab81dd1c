package endpoint

import "strings"

// A partition is a group of regions that share their DNS suffixes.
type partition struct {
	name            string
	prefix          string // of its regions' names, followed by \w+-\d+
	suffix          string
	dualStackSuffix string
}

// partitions lists the partitions. The first one has every region that is in no
// other: us-, eu-, ap-, sa-, ca-, me-, af-, il- and mx-, aws-global, and unknown
// regions.
var partitions = []partition{
	{"aws", "", "amazonaws.com", "api.aws"},
	{"aws-cn", "cn-", "amazonaws.com.cn", "api.amazonwebservices.com.cn"},
	{"aws-us-gov", "us-gov-", "amazonaws.com", "api.aws"},
	{"aws-eusc", "eusc-de-", "amazonaws.eu", "api.amazonwebservices.eu"},
	{"aws-iso", "us-iso-", "c2s.ic.gov", "api.aws.ic.gov"},
	{"aws-iso-b", "us-isob-", "sc2s.sgov.gov", "api.aws.scloud"},
	{"aws-iso-e", "eu-isoe-", "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk"},
	{"aws-iso-f", "us-isof-", "csp.hci.ic.gov", "api.aws.hci.ic.gov"},
}

func partitionOf(region string) partition {
	for _, p := range partitions[1:] {
		rest, ok := strings.CutPrefix(region, p.prefix)
		if ok && isWordNumber(rest) || region == p.name+"-global" {
			return p
		}
	}
	return partitions[0]
}

// isWordNumber reports whether s matches \w+-\d+. An underscore, which \w allows,
// does not occur in a region.
func isWordNumber(s string) bool {
	word, number, _ := strings.Cut(s, "-")
	return word != "" && number != "" && strings.Trim(number, "0123456789") == ""
}
