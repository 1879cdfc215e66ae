{{/*
What the operator does with our kinds: it lists and watches them, patches their finalizers and their
status, and posts Events about them. The end-to-end tests run with exactly these rules, and one of
them finds each of them used in the API server's audit log. `make generate` lists the kinds.
*/}}
{{- define "studio-operator.rules" -}}
- apiGroups: [studio-operator.dev]
  resources: [studiodomains, userprofiles, spaces]
  verbs: [list, watch, patch]
- apiGroups: [studio-operator.dev]
  resources: [studiodomains/status, userprofiles/status, spaces/status]
  verbs: [patch]
- apiGroups: [events.k8s.io]
  resources: [events]
  verbs: [create]
{{- end }}

{{/*
The same for kinds that are in no namespace, and nothing where there is none: Roles don't reach them.
*/}}
{{- define "studio-operator.clusterRules" -}}
{{- end }}

{{/*
The same for kinds that are about the whole cluster: only who serves all namespaces reads them. They have
nothing in AWS, so they get no finalizer.
*/}}
{{- define "studio-operator.wholeClusterRules" -}}
- apiGroups: [studio-operator.dev]
  resources: [studiotenants]
  verbs: [list, watch]
- apiGroups: [studio-operator.dev]
  resources: [studiotenants/status]
  verbs: [patch]
{{- end }}

{{/* A Role or ClusterRole's binding to the operator: dict "root" $ "kind" … "name" … */}}
{{- define "studio-operator.grant" -}}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: {{ .kind }}
  name: {{ .name }}
subjects:
  - kind: ServiceAccount
    name: {{ include "studio-operator.serviceAccountName" .root }}
    namespace: {{ .root.Release.Namespace }}
{{- end }}
