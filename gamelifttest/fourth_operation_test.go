package gamelifttest

import "time"

// This file adds an operation that the service does not have, to show that an
// operation is one row and one function. Its members are of every kind.

// WithFourthOperation adds DescribeThing to the server's operations.
func (s *Server) WithFourthOperation() *Server {
	s.operations = map[string]*operation{"DescribeThing": {[]member{
		{name: "Name", shape: text, required: true},
		{name: "Note", shape: text},
		{name: "Count", shape: integer},
		{name: "Active", shape: boolean},
		{name: "Tags", shape: listOf(text)},
		{name: "Ports", shape: listOf(structure(member{name: "From", shape: integer}, member{name: "Protocol", shape: text}))},
		{name: "Labels", shape: mapOf(text)},
		{name: "Since", shape: timestamp},
	}, describeThing}}
	return s
}

// describeThing returns its input, changed so that a test sees the Go types.
func describeThing(_ *Server, in input, now time.Time) (map[string]any, *apiError) {
	if in.text("Name") == "none" {
		return nil, newError("NotFoundException", "There is no such thing.")
	}
	out := map[string]any{}
	for name, value := range in {
		out[name] = value
	}
	if count, ok := in["Count"].(int64); ok {
		out["Count"] = -count
	}
	if active, ok := in["Active"].(bool); ok {
		out["Active"] = !active
	}
	if tags, ok := in["Tags"].([]any); ok {
		out["Tags"] = append(tags, "last")
	}
	if ports, ok := in["Ports"].([]any); ok {
		var list []any
		for _, port := range ports {
			list = append(list, map[string]any{"To": port.(input)["From"].(int64) + 1})
		}
		out["Ports"] = list
	}
	if since, ok := in["Since"].(time.Time); ok {
		out["Since"] = since.Add(time.Hour)
		out["Age"] = now.Sub(since).Hours()
	}
	return out, nil
}
