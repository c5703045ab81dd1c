// Package after holds no code, only the test that after/fleet is before/fleet moved over, and the list of the lines
// that moving over changes.
package after
