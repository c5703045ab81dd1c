package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/gamelift-compute/gamelift"
)

// variable is an environment variable.
type variable struct{ name, value string }

// environment returns the variables that make AWS tools call the stub. caFile is
// empty without TLS.
func environment(url, region string, keys gamelift.Credentials, caFile string) []variable {
	variables := []variable{
		{"AWS_ENDPOINT_URL_GAMELIFT", url},
		{"AWS_REGION", region},
		{"AWS_DEFAULT_REGION", region}, // for the AWS CLI and boto3
		{"AWS_ACCESS_KEY_ID", keys.AccessKeyID},
		{"AWS_SECRET_ACCESS_KEY", keys.SecretAccessKey},
		{"AWS_SESSION_TOKEN", keys.SessionToken}, // even if empty, to replace another one
	}
	if caFile != "" {
		variables = append(variables, variable{"AWS_CA_BUNDLE", caFile}, variable{"NODE_EXTRA_CA_CERTS", caFile})
	}
	return variables
}

// formats are the values of -format. A format returns an error if it cannot
// express the value of a variable. All but env make one line.
var formats = map[string]func([]variable) (string, error){
	"sh":         formatShell,
	"powershell": formatPowerShell,
	"cmd":        formatCmd,
	"json":       formatJSON,
	"env":        formatEnv,
}

func formatNames() string { return strings.Join(slices.Sorted(maps.Keys(formats)), ", ") }

// formatShell makes an export command for POSIX shells.
func formatShell(variables []variable) (string, error) {
	line := "export"
	for _, v := range variables {
		line += " " + v.name + "=" + shellQuote(v.value)
	}
	return line, nil
}

func shellQuote(s string) string {
	safe := func(c rune) bool {
		return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.ContainsRune("-_.:/@+=", c)
	}
	// An unquoted = at the start would make zsh look for a command.
	if strings.IndexFunc(s, func(c rune) bool { return !safe(c) }) < 0 && !strings.HasPrefix(s, "=") {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// formatPowerShell makes assignments for PowerShell. An empty value removes the
// variable.
func formatPowerShell(variables []variable) (string, error) {
	var commands []string
	for _, v := range variables {
		// PowerShell takes typographic quotation marks for straight ones.
		if strings.ContainsAny(v.value, "\u2018\u2019\u201a\u201b") {
			return "", fmt.Errorf("%s has a character that -format powershell cannot express", v.name)
		}
		commands = append(commands, "$env:"+v.name+" = '"+strings.ReplaceAll(v.value, "'", "''")+"'")
	}
	return strings.Join(commands, "; "), nil
}

// formatCmd makes set commands for the Windows command prompt. An empty value
// removes the variable.
func formatCmd(variables []variable) (string, error) {
	var commands []string
	for _, v := range variables {
		if strings.ContainsAny(v.value, "\"%!\r\n") {
			return "", fmt.Errorf("%s has a character that -format cmd cannot express", v.name)
		}
		commands = append(commands, `set "`+v.name+"="+v.value+`"`)
	}
	return strings.Join(commands, " & "), nil
}

// formatJSON makes an object.
func formatJSON(variables []variable) (string, error) {
	object := map[string]string{}
	for _, v := range variables {
		object[v.name] = v.value
	}
	data, err := json.Marshal(object)
	return string(data), err
}

// formatEnv makes lines for docker --env-file and similar files, which take
// values literally.
func formatEnv(variables []variable) (string, error) {
	var lines []string
	for _, v := range variables {
		if strings.ContainsAny(v.value, "\r\n") {
			return "", fmt.Errorf("%s has a character that -format env cannot express", v.name)
		}
		lines = append(lines, v.name+"="+v.value)
	}
	return strings.Join(lines, "\n"), nil
}
