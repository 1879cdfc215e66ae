package main

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// check refuses a resource of Argo CD's own with a field that it does not know.
func check(object *unstructured.Unstructured) (any, error) {
	kinds := map[string]any{
		"AppProject":     &v1alpha1.AppProject{},
		"Application":    &v1alpha1.Application{},
		"ApplicationSet": &v1alpha1.ApplicationSet{},
	}
	target, known := kinds[object.GetKind()]
	if !known {
		return nil, fmt.Errorf("Argo CD has no kind %q", object.GetKind())
	}
	content, err := object.MarshalJSON()
	if err != nil {
		return nil, err
	}
	decoder := json.NewDecoder(bytes.NewReader(content))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(target); err != nil {
		return nil, err
	}
	if project, ok := target.(*v1alpha1.AppProject); ok {
		return struct{}{}, project.ValidateProject()
	}
	return struct{}{}, nil
}
