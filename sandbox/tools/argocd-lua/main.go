// Command argocd-lua answers as Argo CD would: the health of objects, the actions and links on them,
// whether they differ from what Git declares, and who is notified. It is Argo CD's own code, without
// a server.
//
//	argocd-lua ARGOCD_CM.json ARGOCD_NOTIFICATIONS_CM.json
//
// The arguments are the two ConfigMaps as JSON; the first is read by Argo CD's own settings manager,
// the second by its notifications engine. Each line of standard input is a request, each line of standard output the
// answer to it, in the same order:
//
//	{"do": "health", "object": {...}}                   -> {"status": "...", "message": "..."}
//	{"do": "discover", "object": {...}}                 -> [{"name": "...", ...}], by name
//	{"do": "act", "object": {...}, "action": "stop"}    -> [{"operation": "patch", "resource": ...}]
//	{"do": "links", "object": {...}}                    -> [{"title": "...", "url": "..."}]
//	{"do": "check", "object": {Application or the like}} -> {}
//	{"do": "notify", "object": {Application}}
//	                                  -> [{"trigger": "...", "oncePer": "...", "message": "..."}]
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
	Do     string                     `json:"do"`
	Object *unstructured.Unstructured `json:"object"`
	Action string                     `json:"action"`
	Live   *unstructured.Unstructured `json:"live"`
	Target *unstructured.Unstructured `json:"target"`
	Mode   string                     `json:"mode"`
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
	if len(arguments) != 2 {
		return errors.New("usage: argocd-lua ARGOCD_CM.json ARGOCD_NOTIFICATIONS_CM.json")
	}
	settings, err := readConfiguration(arguments[0])
	if err != nil {
		return err
	}
	notifier, err := readNotifier(arguments[1])
	if err != nil {
		return err
	}
	differ := &differ{overrides: settings.overrides}
	defer differ.close()
	engine := engine{settings, scripts{settings.overrides}, notifier, differ}
	requests, answers := json.NewDecoder(bufio.NewReader(input)), json.NewEncoder(output)
	for {
		var asked request
		if err := requests.Decode(&asked); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return fmt.Errorf("reading a request: %w", err)
		}
		answer, err := engine.handle(asked)
		if err != nil {
			answer = failure{Error: err.Error()}
		}
		if err := answers.Encode(answer); err != nil {
			return fmt.Errorf("writing an answer: %w", err)
		}
	}
}

// engine is all the parts of Argo CD that answer.
type engine struct {
	settings *configuration
	scripts  scripts
	notifier *notifier
	differ   *differ
}

func (e engine) handle(asked request) (any, error) {
	if asked.Object == nil && asked.Do != "diff" {
		return nil, errors.New("the request has no object")
	}
	switch asked.Do {
	case "health":
		return e.scripts.health(asked.Object)
	case "discover":
		return e.scripts.discover(asked.Object)
	case "act":
		return e.scripts.act(asked.Object, asked.Action)
	case "check":
		return check(asked.Object)
	case "links":
		return showLinks(asked.Object, e.settings.links)
	case "notify":
		return e.notifier.notify(asked.Object.Object)
	case "diff":
		return e.differ.diff(asked.Live, asked.Target, asked.Mode)
	default:
		return nil, fmt.Errorf("nobody knows how to do %q", asked.Do)
	}
}
