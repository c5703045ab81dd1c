package gamelifttest

import (
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/aws/smithy-go/encoding/cbor"
)

// Protocol is the protocol of a request and its response.
type Protocol string

const (
	// JSON is AWS JSON 1.1, under its Smithy name. See
	// https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html
	JSON Protocol = "awsJson1_1"

	// CBOR is Smithy RPC v2 CBOR, under its Smithy name. See
	// https://smithy.io/2.0/additional-specs/protocols/smithy-rpc-v2.html
	CBOR Protocol = "rpcv2Cbor"
)

const spoken = "gamelifttest speaks AWS JSON 1.1 (POST /, Content-Type: application/x-amz-json-1.1, " +
	"X-Amz-Target: GameLift.{Operation}) and Smithy RPC v2 CBOR (POST /service/GameLift/operation/{Operation}, " +
	"Content-Type: application/cbor, Smithy-Protocol: rpc-v2-cbor)."

const targetPrefix = "GameLift."

// protocolOf returns the protocol of a request, or "" if it is neither.
func protocolOf(r *http.Request) Protocol {
	mediaType, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		return ""
	}
	switch {
	case mediaType == "application/x-amz-json-1.1":
		return JSON
	case mediaType == "application/cbor" && r.Header.Get("Smithy-Protocol") == "rpc-v2-cbor" && r.Header.Get("X-Amz-Target") == "":
		return CBOR
	}
	return ""
}

// protocolProblem returns a sentence that says why the headers of a request fit
// no protocol.
func protocolProblem(r *http.Request) string {
	mediaType, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch {
	case r.Header.Get("Content-Type") == "":
		return "The Content-Type header is missing. "
	case mediaType != "application/cbor":
		return fmt.Sprintf("The Content-Type header is %q. ", r.Header.Get("Content-Type"))
	case r.Header.Get("Smithy-Protocol") != "rpc-v2-cbor":
		return fmt.Sprintf("The Content-Type header is that of CBOR, but the Smithy-Protocol header is %q. ", r.Header.Get("Smithy-Protocol"))
	}
	return "The Content-Type header is that of CBOR, but there is an X-Amz-Target header. "
}

func (p Protocol) contentType() string {
	if p == CBOR {
		return "application/cbor"
	}
	return "application/x-amz-json-1.1"
}

// checkRequest checks everything about a request but its body, its operation and
// its signature. AWS JSON requests must be sent to "/"; the path of a CBOR
// request can have a prefix.
func (p Protocol) checkRequest(r *http.Request) *apiError {
	switch {
	case r.Method != http.MethodPost:
		return &apiError{http.StatusMethodNotAllowed, "UnknownOperationException", "The method is " + r.Method + ". " + spoken}
	case p == "":
		return &apiError{http.StatusUnsupportedMediaType, "UnknownOperationException", protocolProblem(r) + spoken}
	case p == JSON && r.URL.EscapedPath() != "/":
		return &apiError{http.StatusNotFound, "UnknownOperationException",
			"AWS JSON requests are sent to the path /, and this one was sent to " + r.URL.EscapedPath() + "."}
	}
	return nil
}

// operation returns the name of the operation that a request calls.
func (p Protocol) operation(r *http.Request) (string, *apiError) {
	unknown := func(message string) (string, *apiError) {
		return "", newError("UnknownOperationException", message)
	}
	if p == CBOR {
		_, name, found := strings.Cut(r.URL.Path, "/service/GameLift/operation/")
		if !found {
			return unknown("The path is " + r.URL.EscapedPath() + ": want /service/GameLift/operation/{Operation}.")
		}
		return name, nil
	}
	target := r.Header.Get("X-Amz-Target")
	if target == "" {
		return unknown("The X-Amz-Target header is missing: want " + targetPrefix + "{Operation}.")
	}
	name, found := strings.CutPrefix(target, targetPrefix)
	if !found {
		return unknown(fmt.Sprintf("The X-Amz-Target header is %q: want %s{Operation}.", target, targetPrefix))
	}
	return name, nil
}

// decode decodes a body, which must be one object. It returns nil for an empty
// body.
func (p Protocol) decode(body []byte) (map[string]any, *apiError) {
	if len(body) == 0 {
		return nil, nil
	}
	var value any
	var err error
	if p == CBOR {
		value, err = decodeCBOR(body)
	} else {
		err = json.Unmarshal(body, &value)
	}
	object, isObject := value.(map[string]any)
	if err == nil && !isObject {
		err = errors.New("the body is not an object")
	}
	if err != nil {
		return nil, newError("SerializationException", "The body cannot be read: "+err.Error())
	}
	return object, nil
}

// encode encodes a body. Its values are of the types string, bool, int64,
// float64, time.Time, map[string]any and []any.
func (p Protocol) encode(body map[string]any) []byte {
	if p == CBOR {
		return cbor.Encode(toCBOR(body))
	}
	data, _ := json.Marshal(toJSON(body)) // the values that toJSON returns cannot fail
	return data
}

// epochSeconds is the wire form of a time in both protocols, to the millisecond.
func epochSeconds(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }

func toJSON(value any) any {
	switch v := value.(type) {
	case time.Time:
		return epochSeconds(v)
	case map[string]any:
		object := make(map[string]any, len(v))
		for name, member := range v {
			object[name] = toJSON(member)
		}
		return object
	case []any:
		list := make([]any, len(v))
		for i, item := range v {
			list[i] = toJSON(item)
		}
		return list
	}
	return value
}
