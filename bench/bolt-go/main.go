// The same work as in ../benches/bolt, with bbolt: a pass for each line that is read.
package main

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"log"
	"os"
	"strconv"
	"time"

	bolt "go.etcd.io/bbolt"
)

// As in ../benches/bolt/work.rs.
const (
	pairs   = 100_000
	batch   = 1_000
	gets    = 300_000
	commits = 200
)

var (
	bucket = []byte("pairs")
	path   = os.Args[1]
)

type pair struct{ key, value []byte }

func main() {
	log.SetFlags(0)
	size, err := strconv.ParseUint(os.Args[3], 10, 64)
	check(err)
	pass := prepare(os.Args[2], size)
	fmt.Println("ready")
	lines := bufio.NewScanner(os.Stdin)
	for number := uint64(0); lines.Scan(); number++ {
		took, operations, sum := pass(number)
		fmt.Println(took.Nanoseconds(), operations, sum)
	}
}

func prepare(task string, size uint64) func(uint64) (time.Duration, uint64, uint64) {
	all := make([]pair, pairs)
	for i := range all {
		all[i] = newPair(uint64(i))
	}
	switch task {
	case "insert":
		return func(uint64) (time.Duration, uint64, uint64) { return insert(all) }
	case "open":
		fill(size, longPair)
		return func(uint64) (time.Duration, uint64, uint64) { return openFile(size) }
	}
	fill(pairs, newPair)
	db := open(true)
	switch task {
	case "get":
		order := make([]uint64, gets)
		for i := range order {
			order[i] = mix(^uint64(i)) % pairs
		}
		return func(uint64) (time.Duration, uint64, uint64) { return get(db, all, order) }
	case "scan":
		return func(uint64) (time.Duration, uint64, uint64) {
			start := time.Now()
			count, sum := scan(db)
			return time.Since(start), count, sum
		}
	case "commit":
		return func(pass uint64) (time.Duration, uint64, uint64) { return commit(db, pass) }
	}
	log.Fatalf("there is no task %s", task)
	return nil
}

func insert(all []pair) (time.Duration, uint64, uint64) {
	if err := os.Remove(path); err != nil && !os.IsNotExist(err) {
		log.Fatal(err)
	}
	db := open(false)
	start := time.Now()
	for i := 0; i < len(all); i += batch {
		put(db, all[i:i+batch])
	}
	took := time.Since(start)
	count, sum := scan(db)
	check(db.Close())
	return took, count, sum
}

func get(db *bolt.DB, all []pair, order []uint64) (time.Duration, uint64, uint64) {
	sum := uint64(0)
	start := time.Now()
	check(db.View(func(tx *bolt.Tx) error {
		bucket := tx.Bucket(bucket)
		for _, number := range order {
			sum += sumOf(bucket.Get(all[number].key))
		}
		return nil
	}))
	return time.Since(start), uint64(len(order)), sum
}

func commit(db *bolt.DB, pass uint64) (time.Duration, uint64, uint64) {
	some, order := make([]pair, commits), make([]uint64, commits)
	for i := range some {
		some[i] = newPair(pairs + pass*commits + uint64(i))
		order[i] = uint64(i)
	}
	start := time.Now()
	for i := range some {
		put(db, some[i:i+1])
	}
	took := time.Since(start)
	_, count, sum := get(db, some, order)
	return took, count, sum
}

func openFile(size uint64) (time.Duration, uint64, uint64) {
	one := []pair{longPair(size / 2)}
	start := time.Now()
	db := open(true)
	_, _, sum := get(db, one, []uint64{0})
	took := time.Since(start)
	check(db.Close())
	return took, 1, sum
}

func open(synced bool) *bolt.DB {
	db, err := bolt.Open(path, 0o600, &bolt.Options{NoSync: !synced, NoGrowSync: !synced})
	check(err)
	exists := false
	check(db.View(func(tx *bolt.Tx) error {
		exists = tx.Bucket(bucket) != nil
		return nil
	}))
	if !exists {
		check(db.Update(func(tx *bolt.Tx) error {
			_, err := tx.CreateBucket(bucket)
			return err
		}))
	}
	return db
}

func fill(count uint64, make func(uint64) pair) {
	db := open(false)
	for first := uint64(0); first < count; first += batch {
		some := []pair{}
		for i := first; i < first+batch; i++ {
			some = append(some, make(i))
		}
		put(db, some)
	}
	check(db.Close())
}

func put(db *bolt.DB, pairs []pair) {
	check(db.Update(func(tx *bolt.Tx) error {
		bucket := tx.Bucket(bucket)
		for _, pair := range pairs {
			if err := bucket.Put(pair.key, pair.value); err != nil {
				return err
			}
		}
		return nil
	}))
}

func scan(db *bolt.DB) (count, sum uint64) {
	check(db.View(func(tx *bolt.Tx) error {
		cursor := tx.Bucket(bucket).Cursor()
		for key, value := cursor.First(); key != nil; key, value = cursor.Next() {
			count++
			sum += sumOf(value)
		}
		return nil
	}))
	return count, sum
}

func newPair(number uint64) pair {
	key := make([]byte, 16)
	binary.LittleEndian.PutUint64(key, mix(2*number))
	binary.LittleEndian.PutUint64(key[8:], mix(2*number+1))
	return pair{key, value(number, 100)}
}

func longPair(number uint64) pair {
	key := make([]byte, 16)
	binary.BigEndian.PutUint64(key[8:], number)
	return pair{key, value(number, 1_000)}
}

func value(number uint64, size int) []byte {
	var bytes [8]byte
	binary.LittleEndian.PutUint64(bytes[:], mix(number^0xB017))
	value := make([]byte, size)
	for i := range value {
		value[i] = bytes[i%8]
	}
	return value
}

func sumOf(value []byte) uint64 {
	return binary.LittleEndian.Uint64(value[len(value)-8:])
}

func mix(number uint64) uint64 {
	z := (number + 1) * 0x9E3779B97F4A7C15
	z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9
	z = (z ^ (z >> 27)) * 0x94D049BB133111EB
	return z ^ (z >> 31)
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
