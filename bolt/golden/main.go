// Writes the golden files: databases made by bbolt itself, which the tests of every day read.
//
// Build it with Debian's golang-go and golang-github-coreos-bbolt-dev, and run it in an empty directory:
//
//	GO111MODULE=off GOPATH="$PWD:/usr/share/gocode" go build -o golden main.go
//
// A transaction touches one bucket only, and none deletes from more than one leaf: with more than one, bbolt walks a
// map of Go's, whose order decides the page numbers. So each run writes the same bytes.
package main

import (
	"fmt"
	"log"
	"os"

	bolt "go.etcd.io/bbolt"
)

func main() {
	log.SetFlags(0)
	empty("01-empty.db", 4096)
	empty("01-empty-1k.db", 1024)
	empty("01-empty-16k.db", 16384)
	inline("02-inline.db", 1024)
	nested("03-nested.db", 1024)
	branch("04-branch.db", 4096)
	overflow("05-overflow.db", 4096)
	freelist("06-freelist.db", bolt.Options{PageSize: 1024})
	freelist("07-no-freelist-sync.db", bolt.Options{PageSize: 1024, NoFreelistSync: true})
	inline("08-inline-16k.db", 16384)
	threeLevels("09-three-levels.db", 1024)
	torn("10-torn-meta.db", 1024)
}

func empty(name string, pageSize int) {
	write(name, bolt.Options{PageSize: pageSize})
}

// A bucket so small that it lies inside its parent's value.
func inline(name string, pageSize int) {
	write(name, bolt.Options{PageSize: pageSize}, func(tx *bolt.Tx) {
		fruits := create(tx, "fruits")
		put(fruits, "apple", "red")
		put(fruits, "banana", "yellow")
		put(fruits, "cherry", "dark red")
		must(fruits.SetSequence(7))
	})
}

// Buckets in buckets: europe has a page, what it holds lies inside it.
func nested(name string, pageSize int) {
	write(name, bolt.Options{PageSize: pageSize},
		func(tx *bolt.Tx) {
			europe := create(tx, "europe")
			put(europe, "area", "10180000")
			for i := 0; i < 40; i++ {
				put(europe, fmt.Sprintf("place%02d", i), "somewhere in Europe")
			}
		},
		func(tx *bolt.Tx) {
			france, err := tx.Bucket([]byte("europe")).CreateBucket([]byte("france"))
			must(err)
			put(france, "capital", "Paris")
			put(france, "rivers", "Loire, Rhône, Seine")
		},
		func(tx *bolt.Tx) {
			france := tx.Bucket([]byte("europe")).Bucket([]byte("france"))
			cities, err := france.CreateBucket([]byte("cities"))
			must(err)
			put(cities, "Lyon", "on the Rhône")
			put(cities, "Nantes", "on the Loire")
		},
		func(tx *bolt.Tx) { create(tx, "void") },
	)
}

// A branch above many leaves: 58 elements in each, but 72 in the last.
func branch(name string, pageSize int) {
	write(name, bolt.Options{PageSize: pageSize}, func(tx *bolt.Tx) {
		numbers := create(tx, "numbers")
		for i := 0; i < 1000; i++ {
			put(numbers, fmt.Sprintf("%08d", i), fmt.Sprintf("value %05d", i))
		}
	})
}

// Values larger than a page.
func overflow(name string, pageSize int) {
	write(name, bolt.Options{PageSize: pageSize}, func(tx *bolt.Tx) {
		large := make([]byte, 20000)
		for i := range large {
			large[i] = byte('a' + i%26)
		}
		put(create(tx, "large"), "alphabet", string(large))
	})
}

// Many commits, the last of which frees more pages than the file will use.
func freelist(name string, options bolt.Options) {
	steps := []func(tx *bolt.Tx){func(tx *bolt.Tx) {
		bucket := create(tx, "numbers")
		for i := 0; i < 300; i++ {
			put(bucket, fmt.Sprintf("%08d", i), fmt.Sprintf("value %05d", i))
		}
	}}
	for round := 0; round < 3; round++ {
		round := round
		steps = append(steps, func(tx *bolt.Tx) {
			put(tx.Bucket([]byte("numbers")), fmt.Sprintf("%08d", 100*round), "changed")
		})
	}
	steps = append(steps, func(tx *bolt.Tx) { must(tx.DeleteBucket([]byte("numbers"))) })
	steps = append(steps, func(tx *bolt.Tx) { put(create(tx, "rest"), "key", "value") })
	write(name, options, steps...)
}

// Branches above branches.
func threeLevels(name string, pageSize int) {
	write(name, bolt.Options{PageSize: pageSize}, func(tx *bolt.Tx) {
		numbers := create(tx, "numbers")
		for i := 0; i < 600; i++ {
			put(numbers, fmt.Sprintf("%08d", i), fmt.Sprintf("value %05d", i))
		}
	})
}

// The newer meta, of transaction 3, was written halfway when the power failed: it must open as transaction 2.
func torn(name string, pageSize int) {
	write(name, bolt.Options{PageSize: pageSize},
		func(tx *bolt.Tx) { put(create(tx, "fruits"), "apple", "red") },
		func(tx *bolt.Tx) { put(tx.Bucket([]byte("fruits")), "apple", "green") },
	)
	file, err := os.OpenFile(name, os.O_RDWR, 0)
	must(err)
	older := make([]byte, 32)
	_, err = file.ReadAt(older, 16+32)
	must(err)
	// The second half of page 1's meta still says what the older one says: no such checksum fits.
	_, err = file.WriteAt(older, int64(pageSize)+16+32)
	must(err)
	must(file.Close())
}

// Makes a database and runs each step in a transaction of its own.
func write(name string, options bolt.Options, steps ...func(tx *bolt.Tx)) {
	must(os.RemoveAll(name))
	options.FreelistType = bolt.FreelistArrayType
	db, err := bolt.Open(name, 0o644, &options)
	must(err)
	for _, step := range steps {
		step := step
		must(db.Update(func(tx *bolt.Tx) error {
			step(tx)
			return nil
		}))
	}
	must(db.View(func(tx *bolt.Tx) error {
		for err := range tx.Check() {
			must(err)
		}
		return nil
	}))
	must(db.Close())
}

func create(tx *bolt.Tx, name string) *bolt.Bucket {
	bucket, err := tx.CreateBucket([]byte(name))
	must(err)
	return bucket
}

func put(bucket *bolt.Bucket, key, value string) {
	must(bucket.Put([]byte(key), []byte(value)))
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
