// Command kstatus tells what kstatus makes of objects: whether Flux counts them as done.
//
// Standard input is a JSON array of objects. Standard output is a JSON array with an entry for
// each, in the same order: {"status": "Current", "message": "..."}. An object that kstatus can't
// judge ends the program with its error.
package main

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/fluxcd/cli-utils/pkg/kstatus/status"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

type verdict struct {
	Status  status.Status `json:"status"`
	Message string        `json:"message"`
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	var objects []*unstructured.Unstructured // whose numbers are as in a cluster's answer
	if err := json.NewDecoder(os.Stdin).Decode(&objects); err != nil {
		return fmt.Errorf("reading objects: %w", err)
	}
	verdicts := make([]verdict, 0, len(objects))
	for _, resource := range objects {
		result, err := status.Compute(resource)
		if err != nil {
			return fmt.Errorf("%s %s: %w", resource.GetKind(), resource.GetName(), err)
		}
		verdicts = append(verdicts, verdict{Status: result.Status, Message: result.Message})
	}
	return json.NewEncoder(os.Stdout).Encode(verdicts)
}
