package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
	"github.com/argoproj/argo-cd/v3/util/lua"
	"github.com/argoproj/gitops-engine/pkg/health"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// scripts runs the Lua of the customizations with the libraries that Argo CD opens for them.
type scripts struct {
	overrides map[string]v1alpha1.ResourceOverride
}

func (s scripts) health(object *unstructured.Unstructured) (*health.HealthStatus, error) {
	status, err := lua.ResourceHealthOverrides(s.overrides).GetResourceHealth(object)
	if err == nil && status == nil {
		return nil, fmt.Errorf("no health script for %s", object.GroupVersionKind())
	}
	return status, err
}

func (s scripts) discover(object *unstructured.Unstructured) ([]v1alpha1.ResourceAction, error) {
	machine := s.machine()
	discovery, err := machine.GetResourceActionDiscovery(object)
	if err != nil {
		return nil, err
	}
	actions, err := machine.ExecuteResourceActionDiscovery(object, discovery)
	slices.SortFunc(actions, func(a, b v1alpha1.ResourceAction) int {
		return strings.Compare(a.Name, b.Name)
	})
	return actions, err
}

func (s scripts) act(object *unstructured.Unstructured, name string) ([]lua.ImpactedResource, error) {
	machine := s.machine()
	action, err := machine.GetResourceAction(object, name)
	if err != nil {
		return nil, err
	}
	return machine.ExecuteResourceAction(object, action.ActionLua, nil)
}

func (s scripts) machine() lua.VM {
	return lua.VM{ResourceOverrides: s.overrides}
}
