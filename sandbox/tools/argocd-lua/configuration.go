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

// configuration is what Argo CD's controller and server read from argocd-cm, with their defaults.
type configuration struct {
	overrides map[string]v1alpha1.ResourceOverride
	links     []settings.DeepLink
}

func readConfiguration(path string) (*configuration, error) {
	configMap, err := readConfigMap(path)
	if err != nil {
		return nil, err
	}
	logrus.SetOutput(io.Discard) // it tells what it does with each setting
	configMap.ObjectMeta = named("argocd-cm")
	secret := &corev1.Secret{ObjectMeta: named("argocd-secret")}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	manager := settings.NewSettingsManager(ctx, fake.NewClientset(configMap, secret), namespace)
	overrides, err := manager.GetResourceOverrides()
	if err != nil {
		return nil, err
	}
	links, err := manager.GetDeepLinks(settings.ResourceDeepLinks)
	return &configuration{overrides, links}, err
}

func readConfigMap(path string) (*corev1.ConfigMap, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	configMap := &corev1.ConfigMap{}
	if err := json.Unmarshal(content, configMap); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return configMap, nil
}

// named gives what Argo CD finds its settings by.
func named(name string) metav1.ObjectMeta {
	labels := map[string]string{"app.kubernetes.io/part-of": "argocd"}
	return metav1.ObjectMeta{Name: name, Namespace: namespace, Labels: labels}
}
