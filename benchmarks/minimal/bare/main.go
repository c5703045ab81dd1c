// Bare is the smallest program that calls GetComputeAuthToken with net/http and
// encoding/json, and without a signature. Program record compares the others
// with it. The arguments are endpoint, access key ID, secret access key (neither
// is used), fleet ID and compute name.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"time"
)

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	token, err := authToken(ctx, os.Args[1], os.Args[4], os.Args[5])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(token)
}

func authToken(ctx context.Context, endpoint, fleetID, computeName string) (string, error) {
	body, err := json.Marshal(map[string]string{"FleetId": fleetID, "ComputeName": computeName})
	if err != nil {
		return "", err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, endpoint, bytes.NewReader(body))
	if err != nil {
		return "", err
	}
	request.Header.Set("Content-Type", "application/x-amz-json-1.1")
	request.Header.Set("X-Amz-Target", "GameLift.GetComputeAuthToken")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return "", fmt.Errorf("status %s", response.Status)
	}
	var out struct{ AuthToken string }
	err = json.NewDecoder(response.Body).Decode(&out)
	return out.AuthToken, err
}
