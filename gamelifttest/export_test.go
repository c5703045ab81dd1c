package gamelifttest

// Spoken is what a request in neither protocol is told.
const Spoken = spoken + "."
