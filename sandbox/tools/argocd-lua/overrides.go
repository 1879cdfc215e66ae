package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
	"github.com/argoproj/argo-cd/v3/util/settings"
	"github.com/sirupsen/logrus"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes/fake"
)

const namespace = "argocd"

// readOverrides reads a ConfigMap as Argo CD's controller and server do, with their defaults.
func readOverrides(path string) (map[string]v1alpha1.ResourceOverride, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	configuration := &corev1.ConfigMap{}
	if err := json.Unmarshal(content, configuration); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	logrus.SetOutput(io.Discard) // it tells what it does with each setting
	configuration.ObjectMeta = named("argocd-cm")
	secret := &corev1.Secret{ObjectMeta: named("argocd-secret")}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	client := fake.NewClientset(configuration, secret)
	return settings.NewSettingsManager(ctx, client, namespace).GetResourceOverrides()
}

// named gives what Argo CD finds its settings by.
func named(name string) metav1.ObjectMeta {
	labels := map[string]string{"app.kubernetes.io/part-of": "argocd"}
	return metav1.ObjectMeta{Name: name, Namespace: namespace, Labels: labels}
}
