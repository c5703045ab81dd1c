package gamelifttest

import "time"

// A fourth operation, which the service does not have: its input and output have
// a member of every kind. It is one row and one function.

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

// describeThing returns what it got, with a little arithmetic to show the types.
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
