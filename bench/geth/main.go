// Verifies a range with go-ethereum's trie package, for comparison.
//
//	range FIXTURE    the range as JSON: hexadecimal root, origin, keys, values, proof
//
// Prints whether there is more behind the range; then, for each line with a time in ms, the verifications per second.
package main

import (
	"bufio"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/ethdb/memorydb"
	"github.com/ethereum/go-ethereum/trie"
)

type fixture struct {
	Root, Origin        string
	Keys, Values, Proof []string
}

func main() {
	file, err := os.ReadFile(os.Args[1])
	check(err)
	var read fixture
	check(json.Unmarshal(file, &read))
	root := common.BytesToHash(decode(read.Root))
	origin := decode(read.Origin)
	keys, values := decodeAll(read.Keys), decodeAll(read.Values)
	proof := decodeAll(read.Proof)
	verify := func() bool {
		// As a client must, which gets the nodes without their hashes.
		nodes := memorydb.New()
		for _, node := range proof {
			check(nodes.Put(crypto.Keccak256(node), node))
		}
		more, err := trie.VerifyRangeProof(root, origin, keys, values, nodes)
		check(err)
		return more
	}
	fmt.Println(verify())
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		ms, err := strconv.ParseFloat(strings.TrimSpace(lines.Text()), 64)
		check(err)
		start, runs := time.Now(), 0
		for time.Since(start).Seconds()*1000 < ms {
			verify()
			runs++
		}
		fmt.Println(float64(runs) / time.Since(start).Seconds())
	}
}

func decodeAll(texts []string) [][]byte {
	all := make([][]byte, len(texts))
	for i, text := range texts {
		all[i] = decode(text)
	}
	return all
}

func decode(text string) []byte {
	bytes, err := hex.DecodeString(text)
	check(err)
	return bytes
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
