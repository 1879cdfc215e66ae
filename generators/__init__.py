"""What is generated: CRDs, schemas, parts of the chart, settings of Argo CD, pages."""
