// Opens a database with bbolt, says so, and holds it until its standard input ends. If somebody else has it open, it
// says that instead and ends.
//
// Build it as main.go beside it.
package main

import (
	"fmt"
	"io"
	"log"
	"os"
	"time"

	bolt "go.etcd.io/bbolt"
)

func main() {
	log.SetFlags(0)
	db, err := bolt.Open(os.Args[1], 0o644, &bolt.Options{Timeout: 100 * time.Millisecond})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("open")
	if _, err := io.Copy(io.Discard, os.Stdin); err != nil {
		log.Fatal(err)
	}
	if err := db.Close(); err != nil {
		log.Fatal(err)
	}
}
