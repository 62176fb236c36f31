// An OCI registry that keeps its images in a folder; of the makers' drivers and ways to log in only what the lab uses.
package main

import (
	"fmt"
	"os"

	"github.com/distribution/distribution/v3/registry"
	_ "github.com/distribution/distribution/v3/registry/auth/htpasswd"
	_ "github.com/distribution/distribution/v3/registry/storage/driver/filesystem"
	"github.com/spf13/cobra"
	"golang.org/x/crypto/bcrypt"
)

// The line of a file of accounts; Debian's own `htpasswd` would be one more package.
var account = &cobra.Command{
	Use:  "account NAME PASSWORD",
	Args: cobra.ExactArgs(2),
	RunE: func(_ *cobra.Command, words []string) error {
		hash, err := bcrypt.GenerateFromPassword([]byte(words[1]), bcrypt.MinCost)
		if err == nil {
			_, err = fmt.Printf("%s:%s\n", words[0], hash)
		}
		return err
	},
}

func main() {
	registry.RootCmd.AddCommand(account)
	if registry.RootCmd.Execute() != nil {
		os.Exit(1)
	}
}
