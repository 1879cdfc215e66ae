// Command kstatus tells what Flux makes of objects: whether it counts them as done.
//
//	kstatus [KUSTOMIZATIONS.json]
//
// Standard input is a JSON array of objects. Standard output is a JSON array with an entry for each,
// in the same order: {"status": "Current", "message": "...", "expressed": "Current"}. "status" is
// the verdict of kstatus. "expressed" is that of the health check expressions which the first of the
// Kustomizations that has any for the kind gives, Unknown where they can't be evaluated; it is left
// out where there are none. Kustomizations with a field that Flux does not know are refused.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"

	"github.com/fluxcd/cli-utils/pkg/kstatus/status"
	kustomizev1 "github.com/fluxcd/kustomize-controller/api/v1"
	"github.com/fluxcd/pkg/runtime/cel"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

type verdict struct {
	Status    status.Status `json:"status"`
	Message   string        `json:"message"`
	Expressed status.Status `json:"expressed,omitempty"`
}

type evaluators map[schema.GroupKind]*cel.StatusEvaluator

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(arguments []string) error {
	found := evaluators{}
	for _, path := range arguments {
		if err := found.read(path); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
	}
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
		verdicts = append(verdicts, verdict{result.Status, result.Message, found.evaluate(resource)})
	}
	return json.NewEncoder(os.Stdout).Encode(verdicts)
}

func (e evaluators) read(path string) error {
	content, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var kustomizations []kustomizev1.Kustomization
	decoder := json.NewDecoder(bytes.NewReader(content))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&kustomizations); err != nil {
		return err
	}
	for _, kustomization := range kustomizations {
		for _, check := range kustomization.Spec.HealthCheckExprs {
			kind := schema.FromAPIVersionAndKind(check.APIVersion, check.Kind).GroupKind()
			if e[kind] != nil {
				continue
			}
			if e[kind], err = cel.NewStatusEvaluator(&check.HealthCheckExpressions); err != nil {
				return fmt.Errorf("%s: %w", kustomization.Name, err)
			}
		}
	}
	return nil
}

func (e evaluators) evaluate(resource *unstructured.Unstructured) status.Status {
	evaluator := e[resource.GroupVersionKind().GroupKind()]
	if evaluator == nil {
		return ""
	}
	result, err := evaluator.Evaluate(context.Background(), resource)
	if err != nil {
		return status.UnknownStatus
	}
	return result.Status
}
