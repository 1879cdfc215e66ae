package main

import (
	"errors"
	"strings"

	"github.com/argoproj/argo-cd/v3/server/deeplinks"
	"github.com/argoproj/argo-cd/v3/util/settings"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

type link struct {
	Title string `json:"title"`
	URL   string `json:"url"`
}

// showLinks gives the links that the web page shows at a resource.
func showLinks(object *unstructured.Unstructured, links []settings.DeepLink) ([]link, error) {
	values := deeplinks.CreateDeepLinksObject(object, nil, nil, nil)
	found, problems := deeplinks.EvaluateDeepLinksResponse(values, object.GetName(), links)
	if len(problems) > 0 {
		return nil, errors.New(strings.Join(problems, "; "))
	}
	shown := make([]link, 0, len(found.Items))
	for _, item := range found.Items {
		shown = append(shown, link{item.GetTitle(), item.GetUrl()})
	}
	return shown, nil
}
