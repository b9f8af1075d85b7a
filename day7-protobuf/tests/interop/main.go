// The real groupcache, for the tests in tests/it/interop.rs.
//
//	interop node SELF-URL PEER-URL,PEER-URL,… API-ADDRESS [FILE.json]
//	interop golden
//
// Build it with
//
//	GO111MODULE=off GOPATH=/usr/share/gocode go build
package main

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"

	"github.com/golang/groupcache"
	pb "github.com/golang/groupcache/groupcachepb"
	"github.com/golang/protobuf/proto"
)

var errNoSuchKey = errors.New("no such key")

func main() {
	log.SetFlags(0)
	switch args := os.Args[1:]; {
	case len(args) == 1 && args[0] == "golden":
		golden()
	case (len(args) == 4 || len(args) == 5) && args[0] == "node":
		node(args[1], strings.Split(args[2], ","), args[3], database(args[4:]))
	default:
		log.Fatal("usage: interop golden | interop node SELF-URL PEER-URL,… API-ADDRESS [FILE.json]")
	}
}

// node serves until standard input ends.
func node(self string, peers []string, apiAddress string, scores map[string]string) {
	pool := groupcache.NewHTTPPoolOpts(self, nil)
	pool.Set(peers...)
	group := groupcache.NewGroup("scores", 1<<20, groupcache.GetterFunc(
		func(_ context.Context, key string, dest groupcache.Sink) error {
			// In hexadecimal, so that any key is one line.
			fmt.Printf("load %x\n", key)
			score, ok := scores[key]
			if !ok {
				return errNoSuchKey
			}
			return dest.SetString(score)
		}))

	selfURL, err := url.Parse(self)
	check(err)
	// The pool itself and no ServeMux, which would answer a path with a double slash by a redirect.
	serve(selfURL.Host, pool)
	serve(apiAddress, api(group))
	fmt.Println("serving", self)
	_, err = io.Copy(io.Discard, os.Stdin)
	check(err)
}

func api(group *groupcache.Group) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var score []byte
		err := group.Get(r.Context(), r.FormValue("key"), groupcache.AllocatingByteSliceSink(&score))
		switch {
		case errors.Is(err, errNoSuchKey):
			http.Error(w, err.Error(), http.StatusNotFound)
		case err != nil:
			http.Error(w, err.Error(), http.StatusInternalServerError)
		default:
			if _, err := w.Write(score); err != nil {
				log.Print(err)
			}
		}
	}
}

func serve(address string, handler http.Handler) {
	listener, err := net.Listen("tcp", address)
	check(err)
	go func() { log.Fatal(http.Serve(listener, handler)) }()
}

func database(file []string) map[string]string {
	scores := map[string]string{"Tom": "630", "Jack": "589", "Sam": "567"}
	if len(file) == 1 {
		text, err := os.ReadFile(file[0])
		check(err)
		scores = nil
		check(json.Unmarshal(text, &scores))
	}
	return scores
}

// golden prints messages as Go writes them. The tests hold the same bytes.
func golden() {
	show := func(name string, message proto.Message) {
		body, err := proto.Marshal(message)
		check(err)
		fmt.Println(name, hex.EncodeToString(body))
	}
	long := strings.Repeat("x", 300)
	show("request", &pb.GetRequest{Group: proto.String("scores"), Key: proto.String("Tom")})
	show("request-0xff", &pb.GetRequest{Group: proto.String("scores"), Key: proto.String("\xff\x00")})
	show("request-long", &pb.GetRequest{Group: proto.String("scores"), Key: &long})
	show("response", &pb.GetResponse{Value: []byte("630")})
	show("response-empty", &pb.GetResponse{Value: []byte{}})
	show("response-none", &pb.GetResponse{})
	show("response-qps", &pb.GetResponse{Value: []byte("630"), MinuteQps: proto.Float64(1.5)})
	show("response-long", &pb.GetResponse{Value: []byte(long)})
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
