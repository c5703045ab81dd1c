// Package after tests that the callers below it are those of before moved over,
// and lists the lines that moving over changes.
package after
