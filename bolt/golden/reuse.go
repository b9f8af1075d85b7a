// Writes a file whose pages are used again, as the tests of day 5 do, to compare both byte for byte: in many rounds, or
// with so many free pages that the list begins with its length.
//
// Build it as main.go beside it.
package main

import (
	"bytes"
	"fmt"
	"log"
	"os"

	bolt "go.etcd.io/bbolt"
)

func main() {
	log.SetFlags(0)
	options := bolt.Options{PageSize: 1024, FreelistType: bolt.FreelistArrayType, NoSync: true}
	db, err := bolt.Open(os.Args[1], 0o644, &options)
	must(err)
	switch os.Args[2] {
	case "rounds":
		for round := 0; round < 400; round++ {
			update(db, "numbers", func(numbers *bolt.Bucket) { write(numbers, round) })
		}
	case "many":
		for _, value := range [][]byte{bytes.Repeat([]byte("v"), 71_000*1024), []byte("short"), []byte("shorter")} {
			update(db, "large", func(large *bolt.Bucket) { must(large.Put([]byte("key"), value)) })
		}
	}
	must(db.View(func(tx *bolt.Tx) error {
		for err := range tx.Check() {
			must(err)
		}
		return nil
	}))
	must(db.Close())
}

func write(numbers *bolt.Bucket, round int) {
	must(numbers.Put([]byte(fmt.Sprintf("%08d", round*37%300)), []byte(fmt.Sprintf("round %08d", round))))
	if round%7 == 3 {
		large := bytes.Repeat([]byte("l"), round*911%9000)
		must(numbers.Put([]byte(fmt.Sprintf("large %d", round%5)), large))
	}
}

func update(db *bolt.DB, name string, step func(bucket *bolt.Bucket)) {
	must(db.Update(func(tx *bolt.Tx) error {
		bucket, err := tx.CreateBucketIfNotExists([]byte(name))
		must(err)
		step(bucket)
		return nil
	}))
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
