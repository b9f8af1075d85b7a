// The same routes as in ../benches/web/contestants, with gin.
package main

import (
	"fmt"
	"io"
	"log"
	"math/rand"
	"net"
	"net/http"
	"os"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/gin-gonic/gin"
)

var took int64

type user struct {
	ID   uint64 `json:"id"`
	Name string `json:"name"`
}

func main() {
	go endWithParent()
	gin.SetMode(gin.ReleaseMode)
	engine := gin.New()
	engine.GET("/", func(c *gin.Context) { c.String(http.StatusOK, "hello, world\n") })
	engine.GET("/hello/:name", func(c *gin.Context) {
		c.String(http.StatusOK, "hello, %s\n", c.Param("name"))
	})
	engine.GET("/json/:id", json)
	engine.Static("/assets", os.Args[1])
	layers := engine.Group("/layers", requestID, timing, login)
	layers.GET("", func(c *gin.Context) { c.String(http.StatusOK, "a secret\n") })

	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(listener.Addr())
	log.Fatal(http.Serve(listener, engine))
}

func json(c *gin.Context) {
	id, err := strconv.ParseUint(c.Param("id"), 10, 64)
	if err != nil {
		c.AbortWithStatus(http.StatusBadRequest)
		return
	}
	c.JSON(http.StatusOK, user{ID: id, Name: "Tom"})
}

func requestID(c *gin.Context) {
	c.Header("x-request-id", fmt.Sprintf("%016x", rand.Uint64()))
}

func timing(c *gin.Context) {
	start := time.Now()
	c.Next()
	atomic.AddInt64(&took, int64(time.Since(start)))
}

func login(c *gin.Context) {
	if c.GetHeader("authorization") != "Bearer opensesame" {
		c.AbortWithStatus(http.StatusUnauthorized)
	}
}

// The standard input ends with whoever holds its other end.
func endWithParent() {
	io.Copy(io.Discard, os.Stdin)
	os.Exit(0)
}
