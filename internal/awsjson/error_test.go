package awsjson_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gamelift-compute/gamelift/internal/awsjson"
)

func TestDecodeError(t *testing.T) {
	t.Parallel()
	type result struct{ Code, Message string }
	for _, test := range []struct {
		name      string
		errorType string
		body      string
		want      result
	}{
		{"nothing", "", "", result{}},
		{"header", "NotFoundException", "", result{Code: "NotFoundException"}},
		{"header with namespace", "com.amazonaws.gamelift#NotFoundException", "", result{Code: "NotFoundException"}},
		{"header with URI", "NotFoundException:http://x/", "", result{Code: "NotFoundException"}},
		{"header with both", "com.amazonaws.gamelift#NotFoundException:http://x/", "", result{Code: "NotFoundException"}},
		{"header with a URI's fragment", "a#b#NotFoundException:http://x/#y", "", result{Code: "NotFoundException"}},
		{"header with space", " a# NotFoundException :http://x/", "", result{Code: "NotFoundException"}},
		{"header before type before code", "H", `{"code":"C","__type":"T"}`, result{Code: "H"}},
		{"type before code", "", `{"code":"C","__type":"T"}`, result{Code: "T"}},
		{"type before code, in the other order", "", `{"__type":"T","code":"C"}`, result{Code: "T"}},
		{"type", "", `{"__type":"a#T:u"}`, result{Code: "T"}},
		{"code with both", "", `{"code":"com.amazonaws.gamelift#C:http://x/"}`, result{Code: "C"}},
		{"blank header", " \t", `{"code":"C"}`, result{Code: "C"}},
		{"header of a URI alone", ":http://x/", `{"code":"C"}`, result{Code: "C"}},
		{"header of a namespace alone", "a#", `{"code":"C"}`, result{Code: "C"}},
		{"empty type", "", `{"__type":"","code":"C"}`, result{Code: "C"}},
		{"type that is cut to nothing", "", `{"__type":"a# :u","code":"C"}`, result{Code: "C"}},
		{"type as number", "", `{"__type":404,"code":"C"}`, result{Code: "C"}},
		{"type as null", "", `{"__type":null,"code":"C"}`, result{Code: "C"}},
		{"type as object", "", `{"__type":{"__type":"T"},"code":"C"}`, result{Code: "C"}},
		{"code as number", "", `{"code":404,"__type":"T","message":"m"}`, result{Code: "T", Message: "m"}},
		{"code as object", "", `{"code":{"code":"C"},"message":"m"}`, result{Message: "m"}},
		{"code as null", "", `{"code":null,"__type":"T"}`, result{Code: "T"}},
		{"type as list", "", `{"__type":["T"],"message":"m"}`, result{Message: "m"}},
		{"other case", "", `{"Code":"C","__Type":"T","MESSAGE":"m"}`, result{}},
		{"message", "", `{"message":"m"}`, result{Message: "m"}},
		{"Message", "", `{"Message":"M"}`, result{Message: "M"}},
		{"message before Message", "", `{"Message":"M","message":"m"}`, result{Message: "m"}},
		{"message as number", "", `{"message":1,"Message":"M"}`, result{Message: "M"}},
		{"message as null", "", `{"message":null,"Message":"M"}`, result{Message: "M"}},
		{"empty message", "", `{"message":"","Message":"M"}`, result{Message: "M"}},
		{"message as it came", "", `{"message":" a#b: \u00e9\n"}`, result{Message: " a#b: é\n"}},
		{"HTML", "H", "<html><body>502 Bad Gateway</body></html>", result{Code: "H"}},
		{"blank", "H", " \r\n\t", result{Code: "H"}},
		{"null", "H", "null", result{Code: "H"}},
		{"truncated", "H", `{"code":"C","message":"m"`, result{Code: "H"}},
		{"trailing garbage", "", `{"code":"C"}x`, result{}},
		{"array", "", `[{"code":"C"}]`, result{}},
		{"string", "", `"C"`, result{}},
		{"not UTF-8", "", "\xff\xfe{}", result{}},
		{"not UTF-8 within", "", "{\"code\":\"C\",\"message\":\"a\xffb\"}", result{Code: "C", Message: "a\ufffdb"}},
		{"BOM", "", "\ufeff{\"code\":\"C\"}", result{}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var got result
			got.Code, got.Message = awsjson.DecodeError(test.errorType, []byte(test.body))
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func FuzzDecodeError(f *testing.F) {
	f.Add("com.amazonaws.gamelift#NotFoundException:http://x/", []byte(`{"message":"m"}`))
	f.Add("", []byte(`{"code":1,"__type":"a#T:u","Message":"M"}`))
	f.Add(":", []byte(`{"code":"#:","__type":" #T#U :v#"}`))
	f.Add("", []byte("<html>"))
	f.Fuzz(func(t *testing.T, errorType string, body []byte) {
		var members map[string]json.RawMessage
		if err := json.Unmarshal(body, &members); err != nil {
			if tooDeepForJudge(err) {
				return
			}
			members = nil
		}
		member := func(name string) (s string) {
			if json.Unmarshal(members[name], &s) != nil {
				return ""
			}
			return s
		}
		var wantCode, wantMessage string
		for _, source := range []string{member("code"), member("__type"), errorType} {
			parts := strings.Split(strings.Split(source, ":")[0], "#")
			if code := strings.TrimSpace(parts[len(parts)-1]); code != "" {
				wantCode = code
			}
		}
		for _, name := range []string{"Message", "message"} {
			if message := member(name); message != "" {
				wantMessage = message
			}
		}

		code, message := awsjson.DecodeError(errorType, body)
		if strings.ContainsAny(code, ":#") {
			t.Errorf("code %q is not cut", code)
		}
		if diff := cmp.Diff([]string{wantCode, wantMessage}, []string{code, message}); diff != "" {
			t.Errorf("code, message (-want +got):\n%s", diff)
		}
	})
}
