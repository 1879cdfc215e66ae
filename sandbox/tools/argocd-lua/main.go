// Command argocd-lua answers as Argo CD would: the health of objects, the actions on them, and
// whether they differ from what Git declares. It is Argo CD's own code, without a server.
//
//	argocd-lua ARGOCD_CM.json
//
// The argument is the ConfigMap argocd-cm as JSON; its customizations are read by Argo CD's own
// settings manager. Each line of standard input is a request, each line of standard output the
// answer to it, in the same order:
//
//	{"do": "health", "object": {...}}                   -> {"status": "...", "message": "..."}
//	{"do": "discover", "object": {...}}                 -> [{"name": "...", ...}], by name
//	{"do": "act", "object": {...}, "action": "stop"}    -> [{"operation": "patch", "resource": ...}]
//	{"do": "diff", "live": {...}, "target": {...}, "mode": "three-way"}
//	                                  -> {"modified": false, "live": {...}, "predicted": {...}}
//
// The modes of a diff are "three-way", "structured-merge" and "server-side". The last two ask the
// API server that KUBECONFIG leads to. A request that fails is answered with {"error": "..."}.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

type request struct {
	Do     string         `json:"do"`
	Object map[string]any `json:"object"`
	Action string         `json:"action"`
	Live   map[string]any `json:"live"`
	Target map[string]any `json:"target"`
	Mode   string         `json:"mode"`
}

type failure struct {
	Error string `json:"error"`
}

func main() {
	if err := run(os.Args[1:], os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(arguments []string, input io.Reader, output io.Writer) error {
	if len(arguments) != 1 {
		return errors.New("usage: argocd-lua ARGOCD_CM.json")
	}
	overrides, err := readOverrides(arguments[0])
	if err != nil {
		return err
	}
	scripts := scripts{overrides: overrides}
	differ := &differ{overrides: overrides}
	defer differ.close()
	requests, answers := json.NewDecoder(bufio.NewReader(input)), json.NewEncoder(output)
	for {
		var asked request
		if err := requests.Decode(&asked); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return fmt.Errorf("reading a request: %w", err)
		}
		answer, err := handle(asked, scripts, differ)
		if err != nil {
			answer = failure{Error: err.Error()}
		}
		if err := answers.Encode(answer); err != nil {
			return fmt.Errorf("writing an answer: %w", err)
		}
	}
}

func handle(asked request, scripts scripts, differ *differ) (any, error) {
	object := &unstructured.Unstructured{Object: asked.Object}
	switch asked.Do {
	case "health":
		return scripts.health(object)
	case "discover":
		return scripts.discover(object)
	case "act":
		return scripts.act(object, asked.Action)
	case "diff":
		live := &unstructured.Unstructured{Object: asked.Live}
		target := &unstructured.Unstructured{Object: asked.Target}
		return differ.diff(live, target, asked.Mode)
	default:
		return nil, fmt.Errorf("nobody knows how to do %q", asked.Do)
	}
}
