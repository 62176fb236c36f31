// Command minio, as its own makers build it: the S3 of the tests, and of nothing else.
package main

import (
	"os"

	"github.com/minio/minio/cmd"
)

func main() {
	cmd.Main(os.Args)
}
