package main

import (
	"encoding/json"
	"fmt"

	"github.com/argoproj/argo-cd/v3/common"
	"github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
	argodiff "github.com/argoproj/argo-cd/v3/util/argo/diff"
	"github.com/argoproj/argo-cd/v3/util/argo/normalizers"
	"github.com/argoproj/gitops-engine/pkg/diff"
	"github.com/argoproj/gitops-engine/pkg/utils/kube"
	"github.com/argoproj/gitops-engine/pkg/utils/tracing"
	"github.com/go-logr/logr"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/managedfields"
	"k8s.io/client-go/tools/clientcmd"
)

type comparison struct {
	Modified  bool            `json:"modified"`
	Live      json.RawMessage `json:"live"`
	Predicted json.RawMessage `json:"predicted"`
}

// differ compares as the application controller does in controller/state.go, CompareAppState.
type differ struct {
	overrides map[string]v1alpha1.ResourceOverride
	cluster   *cluster
}

// cluster is what two of the modes need of an API server.
type cluster struct {
	parser    *managedfields.GvkParser
	dryRunner diff.ServerSideDryRunner
	cleanUp   func()
}

func (d *differ) diff(live, target *unstructured.Unstructured, mode string) (*comparison, error) {
	builder := argodiff.NewDiffConfigBuilder().
		WithDiffSettings(nil, d.overrides, false, normalizers.IgnoreNormalizerOpts{}).
		WithTracking("", string(v1alpha1.TrackingMethodAnnotation)).
		WithNoCache().
		WithManager(common.ArgoCDSSAManager)
	if mode != "three-way" {
		if err := d.connect(); err != nil {
			return nil, err
		}
		builder.WithGVKParser(d.cluster.parser)
	}
	switch mode {
	case "three-way":
	case "structured-merge":
		builder.WithStructuredMergeDiff(true)
	case "server-side":
		builder.WithServerSideDiff(true).WithServerSideDryRunner(d.cluster.dryRunner)
	default:
		return nil, fmt.Errorf("there is no diff of mode %q", mode)
	}
	configuration, err := builder.Build()
	if err != nil {
		return nil, err
	}
	found, err := argodiff.StateDiff(live, target, configuration)
	if err != nil {
		return nil, err
	}
	return &comparison{found.Modified, found.NormalizedLive, found.PredictedLive}, nil
}

// connect reads the API server's schemas, once.
func (d *differ) connect() error {
	if d.cluster != nil {
		return nil
	}
	rules := clientcmd.NewDefaultClientConfigLoadingRules()
	config, err := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(rules, nil).ClientConfig()
	if err != nil {
		return err
	}
	command := &kube.KubectlCmd{Log: logr.Discard(), Tracer: tracing.NopTracer{}}
	schema, parser, err := command.LoadOpenAPISchema(config)
	if err != nil {
		return err
	}
	applier, cleanUp, err := kube.ManageServerSideDiffDryRuns(
		config, schema, command.Tracer, command.Log, nil,
	)
	if err != nil {
		return err
	}
	d.cluster = &cluster{parser, diff.NewK8sServerSideDryRunner(applier), cleanUp}
	return nil
}

func (d *differ) close() {
	if d.cluster != nil {
		d.cluster.cleanUp()
	}
}
