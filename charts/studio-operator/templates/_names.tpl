{{/* Names and labels. Kubernetes allows 63 characters. */}}

{{- define "studio-operator.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "studio-operator.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" }}
{{- else if contains (include "studio-operator.name" .) .Release.Name }}
{{- .Release.Name | trunc 63 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name (include "studio-operator.name" .) | trunc 63 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{/* The name of what belongs to no namespace: two releases of one name don't meet. */}}
{{- define "studio-operator.clusterName" -}}
{{- printf "%s:%s" .Release.Namespace (include "studio-operator.fullname" .) }}
{{- end }}

{{- define "studio-operator.serviceAccountName" -}}
{{- default (include "studio-operator.fullname" .) .Values.serviceAccount.name }}
{{- end }}

{{- define "studio-operator.releaseLabels" -}}
app.kubernetes.io/name: {{ include "studio-operator.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{/* What selects the operator's Pods; never changes. */}}
{{- define "studio-operator.selectorLabels" -}}
{{ include "studio-operator.releaseLabels" . }}
app.kubernetes.io/component: operator
{{- end }}

{{/* Of everything but the Pods. */}}
{{- define "studio-operator.labels" -}}
{{ include "studio-operator.releaseLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{- end }}
