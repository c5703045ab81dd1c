package gamelifttest

import "time"

// Spoken is the message to a request of an unknown protocol.
const Spoken = spoken

// SetCloseWarning sets how long Close waits until it logs what it waits for.
func (s *Server) SetCloseWarning(d time.Duration) { s.closeWarning = d }
