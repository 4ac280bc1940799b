# The pipeline in an AWS account: aws/template.yaml, docs/aws.md. STACK= names the stack (userstream), PARAMETERS=
# holds what differs from the template's defaults: PARAMETERS="Analytics=flink RunsOn=ec2".

.PHONY: aws-package aws-deploy aws-status aws-destroy aws-cost
aws-package aws-deploy aws-status aws-destroy: export STACK := $(STACK)
aws-package aws-deploy aws-status aws-destroy: export PARAMETERS := $(PARAMETERS)
aws-cost: export PARAMETERS := $(PARAMETERS)

aws-package: ## Make and upload what AWS runs: the transform, the Flink jar, the images
	@tools/setup build aws
	@aws/stack package
aws-deploy: ## Create or change the stack in AWS (PARAMETERS="Name=Value ...")
	@tools/setup build aws
	@aws/stack deploy
aws-status: ## What flows in AWS, on one screen
	@tools/setup aws
	@aws/stack status
aws-destroy: ## Ask, then delete everything in AWS that costs
	@tools/setup aws
	@aws/stack destroy
aws-cost: ## What it will cost a month (RATE= users a second, PARAMETERS=)
	@aws/cost
