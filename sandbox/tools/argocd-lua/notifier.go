package main

import (
	"slices"
	"strings"

	"github.com/argoproj/notifications-engine/pkg/api"
	"github.com/argoproj/notifications-engine/pkg/templates"
	"github.com/argoproj/notifications-engine/pkg/triggers"
	corev1 "k8s.io/api/core/v1"
)

type notification struct {
	Trigger string `json:"trigger"`
	OncePer string `json:"oncePer"`
	Message string `json:"message"`
}

// notifier tells which notifications the ConfigMap argocd-notifications-cm sends of an Application.
type notifier struct {
	configuration *api.Config
}

func readNotifier(path string) (*notifier, error) {
	configMap, err := readConfigMap(path)
	if err != nil {
		return nil, err
	}
	parsed, err := api.ParseConfig(configMap, &corev1.Secret{})
	return &notifier{parsed}, err
}

func (n *notifier) notify(application map[string]any) ([]notification, error) {
	triggerService, err := triggers.NewService(n.configuration.Triggers)
	if err != nil {
		return nil, err
	}
	templateService, err := templates.NewService(n.configuration.Templates)
	if err != nil {
		return nil, err
	}
	context := map[string]any{"argocdUrl": "https://argocd.example.com"}
	values := map[string]any{"app": application, "context": context}
	sent := []notification{}
	for name := range n.configuration.Triggers {
		results, err := triggerService.Run(name, values)
		if err != nil {
			return nil, err
		}
		for _, result := range results {
			if !result.Triggered {
				continue
			}
			text, err := templateService.FormatNotification(values, result.Templates...)
			if err != nil {
				return nil, err
			}
			sent = append(sent, notification{name, result.OncePer, text.Message})
		}
	}
	slices.SortFunc(sent, func(a, b notification) int { return strings.Compare(a.Trigger, b.Trigger) })
	return sent, nil
}
