// Command aws-provider-stub is Terraform's AWS provider without AWS: it serves the real provider's schema, so that
// `terraform validate` and `terraform test` run with neither an account nor a network.
//
// `aws-provider-stub extract PACKAGE.tgz SCHEMA` takes the schema out of npm's @cdktf/provider-aws; without arguments it
// is a plugin that Terraform starts, and serves the schema that lies beside it. It never calls AWS and never creates
// anything: an apply without a mock is refused.
package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"
)

// schemaFile is what `extract` writes and the plugin reads.
const schemaFile = "schema.json.gz"

// onlyThese names the types that are served; Terraform takes a second for all of them, at every run. A type that is not
// served is refused as one that does not exist.
const onlyThese = "AWS_SCHEMA_ONLY"

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "aws-provider-stub:", err)
		os.Exit(1)
	}
}

func run(arguments []string) error {
	switch {
	case len(arguments) == 0:
		return serve()
	case len(arguments) == 3 && arguments[0] == "extract":
		return extract(arguments[1], arguments[2])
	default:
		return fmt.Errorf("usage: aws-provider-stub [extract PACKAGE.tgz SCHEMA]")
	}
}

func serve() error {
	program, err := os.Executable()
	if err != nil {
		return err
	}
	wanted := strings.Fields(os.Getenv(onlyThese))
	catalogue, err := readCatalogue(filepath.Join(filepath.Dir(program), schemaFile), wanted)
	if err != nil {
		return fmt.Errorf("reading the schema: %w", err)
	}
	provider := newProvider(context.Background(), catalogue)
	return tf6server.Serve("aws", func() tfprotov6.ProviderServer { return provider })
}
