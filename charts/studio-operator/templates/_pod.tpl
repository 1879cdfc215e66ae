{{/* Parts of Pods that the operator and the test share. */}}

{{- define "studio-operator.image" -}}
{{- with .Values.image -}}
{{- if .digest -}}
{{ .repository }}@{{ .digest }}
{{- else -}}
{{ .repository }}:{{ default $.Chart.AppVersion .tag }}
{{- end -}}
{{- end -}}
{{- end }}

{{- define "studio-operator.podSecurityContext" -}}
runAsNonRoot: true
{{- with .Values.runAsUser }}
runAsUser: {{ . }}
runAsGroup: {{ . }}
{{- end }}
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{- define "studio-operator.containerSecurityContext" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end }}

{{- define "studio-operator.pricesFolder" -}}
/etc/studio-operator/prices
{{- end }}

{{/* Settings as variables: restInterval is STUDIO_OPERATOR_REST_INTERVAL. */}}
{{- define "studio-operator.env" -}}
{{- with .Values.clusterId }}
- name: STUDIO_OPERATOR_CLUSTER_ID
  value: {{ . | quote }}
{{- end }}
- name: STUDIO_OPERATOR_LEASE_NAME
  value: {{ include "studio-operator.fullname" . }}
{{- with .Values.aws.region }}
- name: AWS_DEFAULT_REGION
  value: {{ . | quote }}
{{- end }}
{{- with .Values.aws.endpointUrl }}
- name: AWS_ENDPOINT_URL
  value: {{ . | quote }}
{{- end }}
{{- if .Values.prices }}
- name: STUDIO_OPERATOR_PRICES_FILE
  value: {{ include "studio-operator.pricesFolder" . }}/prices.yaml
{{- end }}
{{- with .Values.backupPlaces }}
- name: STUDIO_OPERATOR_BACKUP_PLACES
  value: {{ join " " . | quote }}
{{- end }}
{{- with .Values.backupBucketOwners }}
{{- $owners := list }}
{{- range $bucket, $account := . }}
{{- $owners = append $owners (printf "%s=%s" $bucket $account) }}
{{- end }}
- name: STUDIO_OPERATOR_BACKUP_BUCKET_OWNERS
  value: {{ join " " $owners | quote }}
{{- end }}
{{- if .Values.tenancy.required }}
- name: STUDIO_OPERATOR_TENANCY_REQUIRED
  value: "true"
{{- end }}
{{- range $name, $value := .Values.settings }}
- name: STUDIO_OPERATOR_{{ $name | snakecase | upper }}
  value: {{ $value | quote }}
{{- end }}
{{- with .Values.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end }}
