printf '\033[1;32mgreen\033[0m h\303\251llo \346\274\242\345\255\227\r\n'
for n in 10 50 100; do printf '\r%3d %%' $n; sleep 0.05; done
printf '\n\033[2J\033[3;5Hplaced\033[5;1H'
printf '\033]0;a title\007'
printf 'bad \377\376 bytes\n'
exit 0
