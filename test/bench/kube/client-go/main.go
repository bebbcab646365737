// The Go side of the benchmark: the canned API server, the writer that changes objects, and client-go as a contender.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"syscall"
)

type command func(ctx context.Context, spec Spec) (Figures, error)

var commands = map[string]command{
	"serve":    serve,
	"write":    write,
	"follow":   follow,
	"cache":    fillCache,
	"list":     listOnce,
	"requests": sendRequests,
	"idle":     stayIdle,
	"versions": nil,
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) == 1 && args[0] == "versions" {
		return printVersions()
	}
	if len(args) != 2 || commands[args[0]] == nil {
		return fmt.Errorf("usage: kube-bench COMMAND SPEC-AS-JSON, where COMMAND is serve, write, follow, cache, list, requests or idle")
	}
	var spec Spec
	if err := json.Unmarshal([]byte(args[1]), &spec); err != nil {
		return fmt.Errorf("the spec %q is not JSON: %w", args[1], err)
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	figures, err := commands[args[0]](ctx, spec)
	if err != nil {
		return fmt.Errorf("%s: %w", args[0], err)
	}
	return say(map[string]any{"figures": figures})
}

func printVersions() error {
	versions := map[string]string{"go": runtime.Version()}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, module := range info.Deps {
			versions[module.Path] = module.Version
		}
	}
	return say(map[string]string{"go": versions["go"], "clientGo": versions["k8s.io/client-go"]})
}
