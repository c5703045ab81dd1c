package chaos

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gamelift-compute/gamelift/gamelifttest"
)

// On js/wasm, the default client reaches the network, through fetch. The test
// needs Node.js.
func TestWebAssembly(t *testing.T) {
	t.Parallel()
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip(err)
	}
	goroot, err := exec.Command("go", "env", "GOROOT").Output()
	require.NoError(t, err)
	program := filepath.Join(t.TempDir(), "call.wasm")
	build := exec.Command("go", "build", "-o", program, "./wasm")
	build.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm")
	output, err := build.CombinedOutput()
	require.NoError(t, err, "%s, with %s: %s", build, runtime.Version(), output)

	stub := gamelifttest.NewServer()
	defer stub.Close()
	run := exec.Command(node, filepath.Join(string(goroot[:len(goroot)-1]), "lib", "wasm", "wasm_exec_node.js"), program, stub.URL())
	run.Args[0] = "browser" // net/http does not use fetch if the program is called node
	output, err = run.CombinedOutput()
	require.NoError(t, err, "%s", output)
	require.Equal(t, "token of "+gamelifttest.AnywhereCompute+"\n", string(output))
	require.Len(t, stub.Requests(), 1)
}
