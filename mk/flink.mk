# The SQL runner for Apache Flink: aws/flink, with the statements of sql/ in it.

.PHONY: flink
flink: ## Build and test the jar for Managed Service for Apache Flink
	@tools/setup e2e
	@tools/flink build
