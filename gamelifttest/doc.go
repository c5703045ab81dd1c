// Package gamelifttest is a stub endpoint of Amazon GameLift Servers.
package gamelifttest
