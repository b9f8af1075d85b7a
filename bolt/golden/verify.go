// Opens a database with bbolt, without changing it, checks it, and prints every pair as our `dump` does: a line of JSON
// with hexadecimal texts, in the order of the keys, and what is in a bucket where the bucket's name is.
//
// Build it as main.go beside it.
package main

import (
	"bufio"
	"encoding/hex"
	"encoding/json"
	"log"
	"os"

	bolt "go.etcd.io/bbolt"
)

type pair struct {
	Bucket []string `json:"bucket"`
	Key    string   `json:"key"`
	Value  string   `json:"value"`
}

func main() {
	log.SetFlags(0)
	db, err := bolt.Open(os.Args[1], 0o644, &bolt.Options{ReadOnly: true})
	must(err)
	must(db.View(check))
	out := bufio.NewWriter(os.Stdout)
	lines := json.NewEncoder(out)
	must(db.View(func(tx *bolt.Tx) error {
		return tx.ForEach(func(name []byte, bucket *bolt.Bucket) error {
			return dump(bucket, []string{hex.EncodeToString(name)}, lines)
		})
	}))
	must(out.Flush())
	must(db.Close())
}

// All that is wrong, and not only the first of it: one fault seldom comes alone.
func check(tx *bolt.Tx) error {
	var last error
	for err := range tx.Check() {
		log.Print(err)
		last = err
	}
	return last
}

func dump(bucket *bolt.Bucket, path []string, lines *json.Encoder) error {
	return bucket.ForEach(func(key, value []byte) error {
		if value == nil {
			inner := append(path[:len(path):len(path)], hex.EncodeToString(key))
			return dump(bucket.Bucket(key), inner, lines)
		}
		return lines.Encode(pair{path, hex.EncodeToString(key), hex.EncodeToString(value)})
	})
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
