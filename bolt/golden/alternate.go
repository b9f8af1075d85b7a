// Changes a database with bbolt, step by step as its standard input says, and checks it. A step is a line of JSON, its
// texts hexadecimal:
//
//	{"do":"put","bucket":["6131"],"key":"6b","value":"76"}
//	{"do":"delete","bucket":["6131"],"key":"6b"}
//	{"do":"create","bucket":["6131","6132"]}
//	{"do":"drop","bucket":["6131","6132"]}
//	{"do":"count","bucket":["6131"],"from":7}
//	{"do":"commit"}
//
// A step `count` ends unless the bucket's counter is `from`, and counts one on. `commit` ends a transaction and begins
// another one. The end of the input ends the last.
//
// Build it as main.go beside it.
package main

import (
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log"
	"os"

	bolt "go.etcd.io/bbolt"
)

type text []byte

type step struct {
	Do         string
	Bucket     []text
	Key, Value text
	From       uint64
}

// A transaction has no values, but buckets as a bucket has.
type parent interface {
	Bucket(name []byte) *bolt.Bucket
	CreateBucket(name []byte) (*bolt.Bucket, error)
	DeleteBucket(name []byte) error
}

func main() {
	log.SetFlags(0)
	pageSize := flag.Int("page-size", 0, "of a file that is made")
	noFreelistSync := flag.Bool("no-freelist-sync", false, "write no freelist")
	flag.Parse()
	db, err := bolt.Open(flag.Arg(0), 0o644, &bolt.Options{PageSize: *pageSize, NoFreelistSync: *noFreelistSync})
	must(err)
	steps := json.NewDecoder(os.Stdin)
	for more := true; more; {
		must(db.Update(func(tx *bolt.Tx) error {
			more, err = run(tx, steps)
			return err
		}))
	}
	must(db.View(check))
	must(db.Close())
}

// Takes the steps of one transaction. There are more unless the input has ended.
func run(tx *bolt.Tx, steps *json.Decoder) (bool, error) {
	for {
		var next step
		err := steps.Decode(&next)
		if err == io.EOF {
			return false, nil
		}
		if err != nil || next.Do == "commit" {
			return true, err
		}
		if err := next.take(tx); err != nil {
			return false, fmt.Errorf("%s %x %x: %w", next.Do, next.Bucket, next.Key, err)
		}
	}
}

func (s step) take(tx *bolt.Tx) error {
	last := len(s.Bucket) - 1
	var around parent = tx
	for _, name := range s.Bucket[:last] {
		around = around.Bucket(name)
	}
	name := s.Bucket[last]
	switch s.Do {
	case "create":
		_, err := around.CreateBucket(name)
		return err
	case "drop":
		return around.DeleteBucket(name)
	case "put":
		return around.Bucket(name).Put(s.Key, s.Value)
	case "delete":
		return around.Bucket(name).Delete(s.Key)
	case "count":
		return count(around.Bucket(name), s.From)
	}
	return fmt.Errorf("there is no such step")
}

func count(bucket *bolt.Bucket, from uint64) error {
	if is := bucket.Sequence(); is != from {
		return fmt.Errorf("its counter is %d and not %d", is, from)
	}
	_, err := bucket.NextSequence()
	return err
}

func check(tx *bolt.Tx) error {
	var last error
	for err := range tx.Check() {
		log.Print(err)
		last = err
	}
	return last
}

func (t *text) UnmarshalText(digits []byte) error {
	bytes, err := hex.DecodeString(string(digits))
	*t = bytes
	return err
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
