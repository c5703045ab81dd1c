package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"strings"
	"testing"
)

func TestList(t *testing.T) {
	const source = `package p

const Name = "n"
const Level L = 2
var Err error
type L int
type Base struct{}
func (*Base) Close() error { return nil }
type T struct { *Base; Exported []string; hidden int }
func (T) Get(key string) (value string) { return key }
func (*T) Set(keys ...string) {}
func (*T) internal() {}
type Alias = T
type I interface { Do(T) }
func New(optFns ...func(*T)) *T { return nil }
func helper() {}
`
	const want = `package example.com/p

type Alias = T
type Base struct
	method (*Base) Close() error
var Err error
type I interface
	method (I) Do(T)
type L int
const Level L = 2
const Name = "n"
func New(optFns ...func(*T)) *T
type T struct
	embeds Base *Base
	field Exported []string
	has unexported fields
	method (T) Close() error
	method (T) Get(key string) (value string)
	method (*T) Set(keys ...string)

`
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, "p.go", source, 0)
	if err != nil {
		t.Fatal(err)
	}
	pkg, err := new(types.Config).Check("example.com/p", set, []*ast.File{file}, nil)
	if err != nil {
		t.Fatal(err)
	}
	var got strings.Builder
	list(&got, pkg)
	if got.String() != want {
		t.Errorf("got:\n%s\nwant:\n%s", got.String(), want)
	}
}
