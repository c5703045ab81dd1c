//go:build !race

package buildupload_test

const raceEnabled = false
